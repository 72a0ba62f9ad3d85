import { quaternionAt, vectorAt } from '../../../common/rotations.ts';
import { MessageError, SimulationDivergedError } from '../../errors.ts';
import type { Pose, SimulatorState } from '../../simulator.ts';

/**
 * The fast lane's messages: one request and one reply for each control period, over a REQ and a REP socket on loopback.
 *
 * Every message but the greeting is packed little-endian doubles, so that a script inside the simulator needs no
 * codec: it packs and unpacks tables of doubles. The greeting's reply is text. The script inside CoppeliaSim and the
 * embedded simulator's own server speak them alike.
 */

/** Raised with every change of a message's layout; both sides must have the same. */
export const laneVersion = 1;

/** First double of a request. */
export const requestKinds = {
  /** `[0, laneVersion]` → text, see `LaneGreeting`. */
  hello: 0,
  /**
   * `[1, sequence, joint velocities (7, rad/s), velocity of each finger (m/s)]` → state after one period. The lane
   * itself scales velocities over the joints' limits, as a whole.
   */
  step: 1,
  /** `[2, sequence, joint positions (7, rad), target pose (7), opening between the pads (m)]` → state, time 0. */
  reset: 2,
  /** `[3, sequence]` → state as it is. */
  state: 3,
  /** `[4, sequence]` → state; from then on the simulation runs, or stops, as it likes, until the next request. */
  release: 4,
  /** `[5, sequence, tip goal (7), velocity of each finger (m/s)]` → state; only where the greeting says so. */
  stepToGoal: 5,
} as const;

/** First double of a reply; anything but `ok` is followed by the sequence number alone. */
export const replyStatus = {
  ok: 0,
  /** The state holds something that is not a finite number. */
  diverged: 1,
  /** The request's kind or length is not of this version. */
  badRequest: 2,
} as const;

/** Doubles in a state's reply. */
export const stateLength = 47;

/**
 * What the lane says of itself: lines of `key value`.
 *
 * `graspbridge-lane 1`, `period 0.05`, `tip_goals yes|no`, and one `object NAME HANDLE PATH` for each object of the
 * scene file; `missing NAME` for one that it did not find.
 */
export interface LaneGreeting {
  readonly version: number;
  /** What one step advances, s. */
  readonly period: number;
  /** Whether `stepToGoal` is understood; elsewhere joint velocities are solved once per period on our side. */
  readonly tipGoals: boolean;
  readonly objects: ReadonlyMap<string, { readonly handle: number; readonly path: string }>;
  readonly missing: readonly string[];
}

/** A state as a reply carries it: `targetDetected` is undefined where the sender leaves it to be computed from poses. */
export type LaneState = Omit<SimulatorState, 'targetDetected'> & { readonly targetDetected: boolean | undefined };

function packPose(packed: Float64Array, at: number, { position, orientation }: Pose): void {
  packed.set(position, at);
  packed.set(orientation, at + 3);
}

/**
 * Packs the `ok` reply `[0, sequence, time, joint positions (7), joint velocities (7), tip (7), gripper (7), pads'
 * centre (3), opening, target (7), four contacts, target detected]`.
 *
 * Poses are x y z, then a quaternion x y z w. Contacts are 1 or 0: left pad and right pad on the target, left pad and
 * right pad on the table. The last number is 1, 0, or -1 for `undefined`.
 */
export function packState(sequence: number, state: LaneState): Float64Array {
  const packed = new Float64Array(stateLength);
  packed[0] = replyStatus.ok;
  packed[1] = sequence;
  packed[2] = state.time;
  packed.set(state.jointPositions, 3);
  packed.set(state.jointVelocities, 10);
  packPose(packed, 17, state.tip);
  packPose(packed, 24, state.gripper);
  packed.set(state.padsCenter, 31);
  packed[34] = state.gripperOpening;
  packPose(packed, 35, state.target);
  const { leftPadTarget, rightPadTarget, leftPadTable, rightPadTable } = state.contacts;
  packed[42] = Number(leftPadTarget);
  packed[43] = Number(rightPadTarget);
  packed[44] = Number(leftPadTable);
  packed[45] = Number(rightPadTable);
  packed[46] = state.targetDetected === undefined ? -1 : Number(state.targetDetected);
  return packed;
}

/** Packs the reply of anything but `ok`: `[status, sequence]`. */
export function packRefusal(status: Exclude<keyof typeof replyStatus, 'ok'>, sequence: number): Float64Array {
  return Float64Array.of(replyStatus[status], sequence);
}

/** Doubles from a message, whatever its alignment. Throws MessageError where the bytes are no doubles. */
export function toDoubles(message: Uint8Array): Float64Array {
  if (message.byteLength % 8 !== 0 || message.byteLength > 8 * 1024)
    throw new MessageError(
      `A message of the fast lane has ${message.byteLength} bytes, which are no packed doubles of this version. ` +
        'Something else speaks on that port, or another version of the script.',
    );
  return new Float64Array(message.slice().buffer);
}

/** The bytes of packed doubles. */
export function toBytes(packed: Float64Array): Uint8Array {
  return new Uint8Array(packed.buffer, packed.byteOffset, packed.byteLength);
}

/**
 * Reads the reply to the request with that sequence number.
 *
 * Throws MessageError where the reply is refused, damaged or of another request, and SimulationDivergedError where
 * the state is not finite.
 */
export function unpackState(message: Uint8Array, sequence: number): LaneState {
  const packed = toDoubles(message);
  const [status, answered] = packed;
  if (answered !== sequence)
    throw new MessageError(
      `The fast lane answered request ${answered} where ${sequence} was asked. Another client may be using it; connect anew.`,
    );
  if (status === replyStatus.diverged)
    throw new SimulationDivergedError('The simulation diverged: its state is not finite. Reset it.');
  if (status === replyStatus.badRequest)
    throw new MessageError(
      `The fast lane refused request ${sequence}: its kind or length is not of version ${laneVersion}. Install this version's script.`,
    );
  if (status !== replyStatus.ok || packed.length !== stateLength)
    throw new MessageError(
      `The fast lane answered ${packed.length} numbers with status ${status}, but a state has ${stateLength}. Install this version's script.`,
    );
  if (!packed.every(Number.isFinite))
    throw new SimulationDivergedError(
      `The simulation diverged: its state [${packed.subarray(2)}] is not finite. Reset it.`,
    );
  return readState(packed);
}

function readState(packed: Float64Array): LaneState {
  const pose = (at: number): Pose => ({
    position: vectorAt(packed, at),
    orientation: quaternionAt(packed, at + 3),
  });
  const contact = (at: number) => packed[at] === 1;
  return {
    time: packed[2] as number,
    jointPositions: packed.slice(3, 10),
    jointVelocities: packed.slice(10, 17),
    tip: pose(17),
    gripper: pose(24),
    padsCenter: vectorAt(packed, 31),
    gripperOpening: packed[34] as number,
    target: pose(35),
    contacts: {
      leftPadTarget: contact(42),
      rightPadTarget: contact(43),
      leftPadTable: contact(44),
      rightPadTable: contact(45),
    },
    targetDetected: packed[46] === -1 ? undefined : packed[46] === 1,
  };
}
