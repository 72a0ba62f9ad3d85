import {
  eulerAngles,
  fromEulerAngles,
  type Quaternion,
  rotate,
  type Vector3,
  vectorAt,
} from '../../../common/rotations.ts';
import type { Pose } from '../../simulator.ts';
import type { Arguments } from '../arguments.ts';
import { compose, conjugate, fromMatrix, identity, interpolate, inverse, toMatrix } from '../poses.ts';
import { poseList, poseOf, real, reals } from '../values.ts';
import type { RemoteFunctions } from './function.ts';

function vector(args: Arguments, index: number): Vector3 {
  return vectorAt(args.numbers(index, 3));
}

function quaternion(args: Arguments, index: number): Quaternion {
  return poseOf([0, 0, 0, ...args.numbers(index, 4)]).orientation;
}

function matrix(args: Arguments, index: number): Pose {
  return fromMatrix(args.numbers(index, 12));
}

function pose(args: Arguments, index: number): Pose {
  return poseOf(args.numbers(index, 7));
}

/** The rotation by an angle (rad) about an axis of unit length. */
function about([x, y, z]: Vector3, angle: number): Quaternion {
  const sine = Math.sin(angle / 2);
  return [x * sine, y * sine, z * sine, Math.cos(angle / 2)];
}

/** A pose, or the first three rows of a matrix: by how many numbers there are. */
function either(args: Arguments, index: number): Pose {
  return args.numbers(index).length >= 12 ? matrix(args, index) : pose(args, index);
}

/** Rotations and frames, as CoppeliaSim writes them. Matrices must be right-handed rotations with a position. */
export const mathematicsFunctions: RemoteFunctions = {
  'sim.buildIdentityMatrix': () => [toMatrix(identity)],
  'sim.buildMatrix': args => [toMatrix({ position: vector(args, 0), orientation: fromEulerAngles(vector(args, 1)) })],
  'sim.buildMatrixQ': args => [toMatrix({ position: vector(args, 0), orientation: quaternion(args, 1) })],
  'sim.buildPose': args => [poseList({ position: vector(args, 0), orientation: fromEulerAngles(vector(args, 1)) })],
  'sim.multiplyMatrices': args => [toMatrix(compose(matrix(args, 0), matrix(args, 1)))],
  'sim.multiplyPoses': args => [poseList(compose(pose(args, 0), pose(args, 1)))],
  'sim.getMatrixInverse': args => [toMatrix(inverse(matrix(args, 0)))],
  'sim.getPoseInverse': args => [poseList(inverse(pose(args, 0)))],
  'sim.getQuaternionInverse': args => [reals(conjugate(quaternion(args, 0)))],
  'sim.matrixToPose': args => [poseList(matrix(args, 0))],
  'sim.poseToMatrix': args => [toMatrix(pose(args, 0))],
  'sim.getEulerAnglesFromMatrix': args => [reals(eulerAngles(matrix(args, 0).orientation))],
  'sim.getQuaternionFromMatrix': args => [reals(matrix(args, 0).orientation)],
  /** Yaw, pitch and roll (turns about z, y, x in the moved frame) as CoppeliaSim's Euler angles, and back. */
  'sim.yawPitchRollToAlphaBetaGamma': args => {
    const turn = (axis: Vector3, angle: number): Pose => ({ ...identity, orientation: about(axis, angle) });
    const yaw = turn([0, 0, 1], args.number(0));
    const pitch = turn([0, 1, 0], args.number(1));
    const roll = turn([1, 0, 0], args.number(2));
    return [...eulerAngles(compose(compose(yaw, pitch), roll).orientation)].map(real);
  },
  'sim.alphaBetaGammaToYawPitchRoll': args => {
    const angles: Vector3 = [args.number(0), args.number(1), args.number(2)];
    const rows = toMatrix({ ...identity, orientation: fromEulerAngles(angles) });
    const at = (row: number, column: number) => rows[4 * row + column] as number;
    return [
      Math.atan2(at(1, 0), at(0, 0)),
      Math.asin(Math.min(1, Math.max(-1, -at(2, 0)))),
      Math.atan2(at(2, 1), at(2, 2)),
    ].map(real);
  },
  'sim.multiplyVector': args => {
    const { position, orientation } = either(args, 0);
    const turned = rotate(orientation, vector(args, 1));
    return [reals(turned.map((value, i) => value + (position[i] as number)))];
  },
  'sim.interpolatePoses': args => [poseList(interpolate(pose(args, 0), pose(args, 1), args.number(2)))],
  'sim.interpolateMatrices': args => [toMatrix(interpolate(matrix(args, 0), matrix(args, 1), args.number(2)))],
};
