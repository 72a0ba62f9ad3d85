import { setTimeout as pause } from 'node:timers/promises';
import { closeAll, closeAndThrow } from '../../common/close-all.ts';
import { oneLine } from '../../common/one-line.ts';
import { checkNumber, checkNumbers, checkPose, checkReset } from '../checks.ts';
import { SceneError, SimulationDivergedError, SimulatorClosedError, SimulatorLostError } from '../errors.ts';
import type { Kinematics } from '../kinematics.ts';
import { createMujocoSimulator } from '../mujoco/create-simulator.ts';
import type { MujocoSimulator } from '../mujoco/simulator.ts';
import type {
  SceneDescription,
  Simulator,
  SimulatorCommand,
  SimulatorResetOptions,
  SimulatorState,
  Snapshot,
} from '../simulator.ts';
import { type Connection, type ConnectionSettings, openConnection } from './connection.ts';
import type { LaneClient, LaneState } from './fast-lane/index.ts';
import { RemoteApiError } from './remote-api/index.ts';
import { packSnapshot, unpackSnapshot, withinLimits } from './snapshot.ts';
import type { SimulatorSource } from './source.ts';
import { seesTarget } from './target-detection.ts';

export interface CoppeliaSimSettings extends ConnectionSettings {
  /** How long a step, or a reset, may take, s. */
  readonly stepTimeout: number;
  /** How often connecting anew is tried before a lost simulator is given up. */
  readonly attempts: number;
  /** Wait before the second try, s; doubled for each one after it. */
  readonly backOff: number;
}

/** The longest wait between two tries, s. */
const LONGEST_WAIT = 10;
/** How often a reset is tried, in case that the simulator is found lost by it. */
const RESET_ATTEMPTS = 3;
/** Characters that fit into the status bar. */
const LONGEST_ANNOUNCEMENT = 200;
/** How far the scene's tip may be from where the kinematics has it, m. The original's is 0.3 mm off. */
const TIP_TOLERANCE = 0.01;

/**
 * CoppeliaSim, driven over the fast lane: one message a step.
 *
 * A simulator that is lost (it died, hangs, or was stopped by somebody else) fails the step under way with a
 * SimulatorLostError; the next `reset` starts it again, or connects to it again, and goes on. Episodes are near those
 * of the same simulator at another time, not equal to them bit by bit: that is how its physics engine is.
 */
export class CoppeliaSimSimulator implements Simulator {
  readonly name = 'coppeliasim';
  readonly kinematics: Kinematics;
  readonly origin: string;
  private readonly source: SimulatorSource;
  private readonly settings: CoppeliaSimSettings;
  private readonly velocities = new Float64Array(7);
  private connection: Connection | null = null;
  /** Of the last connection. */
  private lanePort: number | undefined;
  private letGo: () => void = () => {};
  private lost: SimulatorLostError | null = null;
  private discarded: Promise<void> = Promise.resolve();
  private last: SimulatorState | null = null;
  /** What a restored snapshot's clock was ahead, s. */
  private timeOffset = 0;
  private mirror: MujocoSimulator | null = null;
  private closed = false;

  private constructor(source: SimulatorSource, settings: CoppeliaSimSettings, kinematics: Kinematics) {
    this.source = source;
    this.settings = settings;
    this.kinematics = kinematics;
    this.origin = source.description;
  }

  /** Takes source and kinematics over, also where it throws. Throws what {@link openConnection} throws. */
  static async open(
    source: SimulatorSource,
    settings: CoppeliaSimSettings,
    kinematics: Kinematics,
  ): Promise<CoppeliaSimSimulator> {
    const simulator = new CoppeliaSimSimulator(source, settings, kinematics);
    try {
      await simulator.connect();
      return simulator;
    } catch (error) {
      return closeAndThrow(error, simulator);
    }
  }

  /** CoppeliaSim's version. */
  get version(): string {
    return this.connection?.version ?? 'unknown';
  }

  get controlPeriod(): number {
    return this.connection?.greeting.period ?? 0.05;
  }

  async reset(options: SimulatorResetOptions): Promise<SimulatorState> {
    this.assertOpen();
    const { gripperOpening } = checkReset(options, this.kinematics.limits, this.maximumOpening);
    const { jointPositions, target } = options;
    for (let attempt = 1; ; attempt++) {
      if (this.lost !== null) await this.reconnect(this.lost);
      this.timeOffset = 0;
      try {
        return await this.ask({ kind: 'reset', jointPositions, target, gripperOpening });
      } catch (error) {
        // What a reset does not mend, a scene loaded anew does.
        if (error instanceof SimulationDivergedError)
          this.lose(new SimulatorLostError('The simulation is not finite even after a reset.', { cause: error }));
        else if (!(error instanceof SimulatorLostError)) throw error;
        if (attempt === RESET_ATTEMPTS) throw error;
      }
    }
  }

  async step({ arm, gripperVelocity }: SimulatorCommand): Promise<SimulatorState> {
    this.assertOpen();
    checkNumber('The gripper velocity of a step', gripperVelocity);
    if (arm.kind === 'joint_velocity') {
      checkNumbers('The joint velocities of a step', arm.velocities, 7);
      return this.ask({ kind: 'step', velocities: arm.velocities, gripperVelocity });
    }
    const goal = checkPose('The tip goal of a step', arm.goal);
    if (this.live().greeting.tipGoals) return this.ask({ kind: 'stepToGoal', goal: arm.goal, gripperVelocity });
    const { jointPositions } = await this.state();
    this.kinematics.velocitiesTowards(jointPositions, goal, this.velocities);
    return this.ask({ kind: 'step', velocities: this.velocities, gripperVelocity });
  }

  async state(): Promise<SimulatorState> {
    this.assertOpen();
    this.live();
    return this.last ?? this.ask({ kind: 'state' });
  }

  /** Joints, opening, target and time; no velocities and no contacts, which CoppeliaSim cannot be given back. */
  async snapshot(): Promise<Snapshot> {
    return packSnapshot(this.name, await this.state());
  }

  /** Puts joints, opening, target and time back, everything at rest: near, not exact. */
  async restore(snapshot: Snapshot): Promise<SimulatorState> {
    const { time, ...put } = unpackSnapshot(this.name, snapshot, this.kinematics.limits, this.maximumOpening);
    const state = await this.reset(put);
    this.timeOffset = time;
    this.last = { ...state, time };
    return this.last;
  }

  /** The package's own model of the scene, with this simulator's block. */
  async describe(): Promise<SceneDescription> {
    return (await this.model()).describe();
  }

  /** Poses of that model's bodies at the last state's joint angles: asking CoppeliaSim would halt the simulation. */
  async bodyPoses(): Promise<Float64Array> {
    const model = await this.model();
    await model.reset(withinLimits(await this.state(), this.kinematics.limits, 0.08));
    return model.bodyPoses();
  }

  /**
   * Writes into the status bar of CoppeliaSim's window, and into its log. One that is lost is told nothing.
   *
   * Throws RemoteApiError where CoppeliaSim has no such call.
   */
  async announce(text: string): Promise<void> {
    this.assertOpen();
    try {
      await this.connection?.announce(oneLine(text, LONGEST_ANNOUNCEMENT), this.settings.stepTimeout);
    } catch (error) {
      // That it is lost is found out, and told, by the next step.
      if (error instanceof RemoteApiError) throw error;
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const { connection, source, mirror, kinematics } = this;
    await closeAll(
      () => this.discarded,
      connection,
      () => {
        this.letGo();
        this.connection = null;
      },
      source,
      mirror,
      kinematics,
    );
  }

  private get maximumOpening(): number {
    return this.connection?.scene.file.gripper.maximumOpening ?? 0.08;
  }

  private async ask(request: Parameters<LaneClient['ask']>[0]): Promise<SimulatorState> {
    const { lane } = this.live();
    let answer: LaneState;
    try {
      answer = await lane.ask(request, this.settings.stepTimeout);
    } catch (error) {
      if (error instanceof SimulatorLostError) this.lose(error);
      throw error;
    }
    const targetDetected = answer.targetDetected ?? seesTarget(answer, this.settings.target.size);
    this.last = { ...answer, time: answer.time + this.timeOffset, targetDetected };
    return this.last;
  }

  private async connect(): Promise<void> {
    this.connection = await openConnection(this.source.address(), this.settings, this.lanePort);
    this.lanePort = this.connection.port;
    this.letGo = this.source.hold();
    this.last = null;
    this.lost = null;
    const { jointPositions, tip } = await this.ask({ kind: 'state' });
    const expected = this.kinematics.tipPose(jointPositions).position;
    const off = Math.hypot(...tip.position.map((x, i) => x - (expected[i] as number)));
    if (off > TIP_TOLERANCE)
      throw new SceneError(
        `The scene's arm is not the arm that is to be driven, or stands elsewhere: at joint angles [${jointPositions}] its tip is ` +
          `${off.toFixed(3)} m from where the kinematics has it. Its base must stand at (-0.2999, 0.0001, 0.753) in the world.`,
      );
  }

  private lose(error: SimulatorLostError): void {
    const { connection } = this;
    this.lost = error;
    this.connection = null;
    this.letGo();
    this.letGo = () => {};
    // What goes wrong with letting go of what is lost anyway is of no use to anybody.
    if (connection !== null) this.discarded = connection.discard().catch(() => {});
  }

  /** Throws the last failure, or what cannot be mended by trying again. */
  private async reconnect(cause: SimulatorLostError): Promise<void> {
    const { attempts, backOff } = this.settings;
    await this.discarded;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.source.recover(cause, attempt);
        return await this.connect();
      } catch (error) {
        const lost = error instanceof SimulatorLostError || error instanceof RemoteApiError;
        this.lose(cause);
        if (!lost) throw error;
        if (attempt >= attempts)
          throw new SimulatorLostError(
            `The simulator was lost (${cause.message}) and could not be had again in ${attempts} attempts. The last one: ${error.message}`,
            { cause: error },
          );
        await pause(1000 * Math.min(LONGEST_WAIT, backOff * 2 ** (attempt - 1)));
        this.assertOpen();
      }
    }
  }

  private async model(): Promise<MujocoSimulator> {
    this.mirror ??= await createMujocoSimulator({ target: this.settings.target });
    return this.mirror;
  }

  private live(): Connection {
    if (this.connection !== null) return this.connection;
    throw new SimulatorLostError(
      `The simulator was lost: ${this.lost?.message ?? 'it was never there'}. Reset to go on with it.`,
      this.lost === null ? {} : { cause: this.lost },
    );
  }

  private assertOpen(): void {
    if (this.closed)
      throw new SimulatorClosedError('A simulator was used after it was closed. Create another one instead.');
  }
}
