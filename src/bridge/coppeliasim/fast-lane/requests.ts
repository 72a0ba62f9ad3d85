import { quaternionAt, vectorAt } from '../../../common/rotations.ts';
import type { Pose } from '../../simulator.ts';
import { laneVersion, requestKinds, toBytes } from './messages.ts';

/** What a client asks of the lane; the layouts are those of `requestKinds`. */
export type LaneRequest =
  | { readonly kind: 'hello'; readonly version: number }
  | {
      readonly kind: 'step';
      readonly sequence: number;
      readonly velocities: ArrayLike<number>;
      readonly gripperVelocity: number;
    }
  | {
      readonly kind: 'reset';
      readonly sequence: number;
      readonly jointPositions: ArrayLike<number>;
      readonly target: Pose;
      readonly gripperOpening: number;
    }
  | { readonly kind: 'state' | 'release'; readonly sequence: number }
  | { readonly kind: 'stepToGoal'; readonly sequence: number; readonly goal: Pose; readonly gripperVelocity: number };

/** Doubles in each kind of request. */
const lengths = { hello: 2, step: 10, reset: 17, state: 2, release: 2, stepToGoal: 10 } as const;

/** Packs a request. */
export function packRequest(request: LaneRequest): Uint8Array {
  const packed = new Float64Array(lengths[request.kind]);
  packed[0] = requestKinds[request.kind];
  packed[1] = request.kind === 'hello' ? request.version : request.sequence;
  if (request.kind === 'step') {
    packed.set(request.velocities, 2);
    packed[9] = request.gripperVelocity;
  } else if (request.kind === 'reset') {
    packed.set(request.jointPositions, 2);
    packPose(packed, 9, request.target);
    packed[16] = request.gripperOpening;
  } else if (request.kind === 'stepToGoal') {
    packPose(packed, 2, request.goal);
    packed[9] = request.gripperVelocity;
  }
  return toBytes(packed);
}

/** The greeting's request, of this version. */
export function packHello(): Uint8Array {
  return packRequest({ kind: 'hello', version: laneVersion });
}

/** Reads a request as the lane's other side does; null where kind or length are of no request of this version. */
export function unpackRequest(packed: Float64Array): LaneRequest | null {
  const kind = (Object.keys(requestKinds) as (keyof typeof requestKinds)[]).find(
    each => requestKinds[each] === packed[0],
  );
  if (kind === undefined || packed.length !== lengths[kind]) return null;
  const sequence = packed[1] as number;
  switch (kind) {
    case 'hello':
      return { kind, version: sequence };
    case 'state':
    case 'release':
      return { kind, sequence };
    case 'step':
      return { kind, sequence, velocities: packed.slice(2, 9), gripperVelocity: packed[9] as number };
    case 'stepToGoal':
      return { kind, sequence, goal: readPose(packed, 2), gripperVelocity: packed[9] as number };
    case 'reset':
      return {
        kind,
        sequence,
        jointPositions: packed.slice(2, 9),
        target: readPose(packed, 9),
        gripperOpening: packed[16] as number,
      };
  }
}

function packPose(packed: Float64Array, at: number, { position, orientation }: Pose): void {
  packed.set(position, at);
  packed.set(orientation, at + 3);
}

function readPose(packed: Float64Array, at: number): Pose {
  // Lengths are checked before.
  return {
    position: vectorAt(packed, at),
    orientation: quaternionAt(packed, at + 3),
  };
}
