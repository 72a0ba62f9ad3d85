import type { StateDict, StateValue } from '../common/state-dict.ts';
import { CheckpointDamagedError } from './errors.ts';

/** The number under a key. Throws CheckpointDamagedError where there is none. */
export function asNumber(state: StateDict, key: string): number {
  const value = state[key];
  return typeof value === 'number' ? value : missing(key, 'a number');
}

/** The boolean under a key. Throws CheckpointDamagedError where there is none. */
export function asBoolean(state: StateDict, key: string): boolean {
  const value = state[key];
  return typeof value === 'boolean' ? value : missing(key, 'true or false');
}

/** The dictionary under a key. Throws CheckpointDamagedError where there is none. */
export function asState(state: StateDict, key: string): StateDict {
  const value = state[key];
  return isState(value) ? value : missing(key, 'a dictionary');
}

export function isState(value: StateValue | undefined): value is StateDict {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function missing(key: string, kind: string): never {
  throw new CheckpointDamagedError(
    `Restoring a checkpoint's state failed: "${key}" is not ${kind}. The checkpoint was made by another version or for another algorithm.`,
  );
}

/** A list of float arrays. Throws CheckpointDamagedError where it is none. */
export function asArrays(value: StateValue | undefined): Float32Array[] {
  if (Array.isArray(value) && value.every(item => item instanceof Float32Array)) return value;
  return missing('arrays', 'a list of numbers');
}

/** The list under a key. Throws CheckpointDamagedError where there is none. */
export function asList(state: StateDict, key: string): readonly StateValue[] {
  const value = state[key];
  return Array.isArray(value) ? value : missing(key, 'a list');
}
