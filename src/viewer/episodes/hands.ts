import { performance } from 'node:perf_hooks';
import type { SimulatorState, Vector3 } from '../../bridge/index.ts';
import { UsageError } from '../../common/errors.ts';
import { type Env, facingDown, handYaw, NormalizedActions, SawyerEnv, unwrapped, Wrapper } from '../../envs/index.ts';
import type { Drive } from '../protocol.ts';

/** Fastest motion of the tip by hand, m/s, and turn of the hand, rad/s. */
const SPEED = { move: 0.25, turn: 1.2 } as const;
/** A hand that has said nothing for this long is taken for gone, ms. */
const SILENCE = 400;
/** How long the gripper is given to move after it was told to, s: time passes meanwhile though nothing else moves. */
const GRIP_TIME = 0.6;
/** Nearer to where it is dragged than this the tip has arrived, m. */
const ARRIVED = 0.004;
/**
 * Where the tip may be led, m, world frame: over the table, low enough to grasp, high enough that the pads (0.103 m
 * beyond the tip, half of one 0.018 m) stay 4 mm clear of its top (0.75 m), and clear of the arm's own base.
 */
export const REACH = { x: [0.02, 0.62], y: [-0.48, 0.48], z: [0.75 + 0.103 + 0.018 + 0.004, 1.35] } as const;

const STILL: Drive = { x: 0, y: 0, z: 0, turn: 0, gripper: 0 };

/**
 * A person's hands on the arm: what keys, sticks and the mouse want, as an action of the environment.
 *
 * Whatever the environment's actions are, they lead the tip, facing down, within a box that is clear of the table and
 * of the arm's base. A hand that falls silent, because its page is gone, stops the arm. A key that was pressed and
 * released between two steps moves the arm in the next one.
 */
export class Hands {
  private readonly sawyer: SawyerEnv;
  private readonly normalize: (action: Float32Array) => Float32Array;
  private drive: Drive = STILL;
  private goal: Vector3 | null = null;
  /** What was wanted and released before a step could carry it out: the next step does. */
  private missed: Drive = STILL;
  private missedGoal: Vector3 | null = null;
  /** Whether a step has carried out what is wanted now. */
  private driven = true;
  private dragged = true;
  private heard = 0;
  private gripper = 1;
  private gripPeriods = 0;

  /** Throws UsageError for an environment that is no Sawyer's, or whose actions do not lead its tip. */
  constructor(env: Env) {
    const inner = unwrapped(env);
    if (!(inner instanceof SawyerEnv) || !(inner.controlMode in ACTIONS))
      throw new UsageError(
        'Only a Sawyer environment can be driven by hand. Use SawyerGrasp-v1 or SawyerLift-v1, say.',
      );
    this.sawyer = inner;
    this.normalize = normalization(env);
  }

  /** Takes what a page says. */
  take(drive: Drive): void {
    this.heard = performance.now();
    if (!this.driven) this.missed = replaced(this.missed, this.drive, drive);
    this.drive = drive;
    this.driven = false;
    if (drive.gripper === 0) return;
    this.gripper = drive.gripper;
    this.gripPeriods = Math.round(GRIP_TIME / this.sawyer.simulator.controlPeriod);
  }

  /** Leads the tip to a place (m), or lets go. */
  drag(position: Vector3 | null): void {
    this.heard = performance.now();
    if (position === null && this.goal !== null && !this.dragged) this.missedGoal = this.goal;
    this.goal = position;
    this.dragged = false;
  }

  /** Forgets all that was wanted, for a new episode. */
  reset(): void {
    this.drive = STILL;
    this.goal = null;
    this.missed = STILL;
    this.missedGoal = null;
    this.driven = true;
    this.dragged = true;
    this.gripper = 1;
    this.gripPeriods = 0;
  }

  /** Whether anything is wanted now; while nothing is, time may stand still. */
  get active(): boolean {
    if (this.gripPeriods > 0 || moves(this.missed) || this.missedGoal !== null) return true;
    if (performance.now() - this.heard > SILENCE) return false;
    if (moves(this.drive)) return true;
    return this.goal !== null && distance(within(this.goal), this.sawyer.state.tip.position) > ARRIVED;
  }

  /** The normalized action for what is wanted, `[action]`. */
  act(): Float32Array {
    if (this.gripPeriods > 0) this.gripPeriods--;
    const { state, simulator, controlMode } = this.sawyer;
    const period = simulator.controlPeriod;
    const heard = performance.now() - this.heard <= SILENCE;
    const drive = replaced(heard ? this.drive : STILL, this.missed, STILL);
    const goal = (heard ? this.goal : null) ?? this.missedGoal;
    this.missed = STILL;
    this.missedGoal = null;
    this.driven = true;
    this.dragged = true;
    const { x, y, z, turn } = drive;
    const tip = state.tip.position;
    const still = !moves(drive) && goal === null;
    // The kinematics would still straighten the hand and draw the elbow home.
    if (still)
      return this.normalize(
        this.sawyer.actionSpace.low.map((_, i) => (i === 4 && controlMode === 'tip_displacement' ? this.gripper : 0)),
      );
    const reach = SPEED.move * period;
    const wanted: Vector3 = [tip[0] + x * reach, tip[1] + y * reach, tip[2] + z * reach];
    const next = goal !== null ? towards(tip, within(goal), reach) : wanted;
    // A tip that is outside already may come back in, and go no further out.
    const position = within(next, tip);
    const lead: Lead = { position, turn: turn * SPEED.turn * period, gripper: this.gripper };
    const action = (ACTIONS[controlMode] as ActionFor)(lead, state, this.sawyer); // Looked up when this was made.
    const { low, high } = this.sawyer.actionSpace;
    const inside = action.map((value, i) => Math.min(high[i] as number, Math.max(low[i] as number, value)));
    return this.normalize(Float32Array.from(inside));
  }
}

function moves({ x, y, z, turn }: Drive): boolean {
  return x !== 0 || y !== 0 || z !== 0 || turn !== 0;
}

/** Adds to `kept` each motion of `before` that stops in `after`. */
function replaced(kept: Drive, before: Drive, after: Drive): Drive {
  const each = (axis: 'x' | 'y' | 'z' | 'turn') => (kept[axis] === 0 && after[axis] === 0 ? before[axis] : kept[axis]);
  return { x: each('x'), y: each('y'), z: each('z'), turn: each('turn'), gripper: 0 };
}

/** Where the tip is to be at the end of a control period, how far the hand is to turn (rad), and the gripper. */
interface Lead {
  readonly position: Vector3;
  readonly turn: number;
  readonly gripper: number;
}

type ActionFor = (lead: Lead, state: SimulatorState, env: SawyerEnv) => number[];

/** The environment's own action, by its control mode. */
const ACTIONS: Readonly<Record<string, ActionFor>> = {
  joint_velocity({ position, turn }, state, env) {
    const orientation = facingDown(handYaw(state.tip.orientation) + turn);
    const velocities = new Float64Array(7);
    env.simulator.kinematics.velocitiesTowards(state.jointPositions, { position, orientation }, velocities);
    // Slowed as a whole: joints clipped one by one would lead the tip elsewhere.
    const excess = Math.max(1, ...velocities.map((value, i) => Math.abs(value) / (env.actionSpace.high[i] as number)));
    return Array.from(velocities, value => value / excess);
  },
  // One step covers a fifth of what it asks for (its gain) as long as that is short.
  end_position: ({ position, turn }, state) => [...minus(position, state.tip.position).map(d => 5 * d), turn / 5],
  tip_displacement({ position, turn, gripper }, state, env) {
    const numbers = env.actionSpace.low.length;
    const displacement = minus(position, state.tip.position);
    return [...displacement, ...(numbers > 3 ? [turn] : []), ...(numbers > 4 ? [gripper] : [])];
  },
};

function minus(a: Vector3, b: Vector3): number[] {
  return a.map((value, i) => value - (b[i] as number));
}

function distance(a: Vector3, b: Vector3): number {
  return Math.hypot(...minus(a, b));
}

/** The point on the way from `from` to `to` that is `reach` away, or `to` itself. */
function towards(from: Vector3, to: Vector3, reach: number): Vector3 {
  const share = Math.min(1, reach / Math.max(1e-9, distance(from, to)));
  const [x, y, z] = from.map((value, i) => value + share * ((to[i] as number) - value));
  return [x as number, y as number, z as number]; // As many as `from` has.
}

/** The nearest point of the box, widened so far that `from` is in it. */
function within(point: Vector3, from: Vector3 = point): Vector3 {
  const outside = from !== point;
  const clip = (value: number, [low, high]: readonly [number, number], at: number) =>
    Math.max(outside ? Math.min(low, at) : low, Math.min(outside ? Math.max(high, at) : high, value));
  return [clip(point[0], REACH.x, from[0]), clip(point[1], REACH.y, from[1]), clip(point[2], REACH.z, from[2])];
}

/** What turns an inner environment's action into that of the wrapped one. */
function normalization(env: Env): (action: Float32Array) => Float32Array {
  let translate = (action: Float32Array) => action;
  for (let at = env; at instanceof Wrapper; at = at.env) {
    const inner = translate;
    const wrapper = at;
    if (wrapper instanceof NormalizedActions) translate = action => inner(wrapper.fromEnvironment(action));
  }
  return translate;
}
