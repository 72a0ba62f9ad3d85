import { LIMITS, type Step } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import { NumpyArray } from './numpy.ts';
import { kindOf, PickleList, PickleTuple, type PickleValue } from './values.ts';

/** One item of the list: a step, and whether the task ended with it. */
export interface PickledTransition extends Step {
  readonly done: boolean;
}

/** Reads `(state, action, reward, next_state, done)`. Throws DemonstrationFileError saying what is wrong with it. */
export function readTransition(value: PickleValue): PickledTransition {
  if (!(value instanceof PickleTuple || value instanceof PickleList) || value.items.length !== 5)
    throw new DemonstrationFileError(`it is ${kindOf(value)}, and not (state, action, reward, next_state, done)`);
  const [state, action, reward, nextState, done] = value.items;
  return {
    observation: readVector(state, 'state'),
    action: readVector(action, 'action'),
    reward: readScalar(reward, 'reward'),
    nextObservation: readVector(nextState, 'next_state'),
    done: readScalar(done, 'done') !== 0,
  };
}

/** An array of any shape row by row, a list or tuple of numbers, or one number. */
function readVector(value: PickleValue | undefined, what: string): Float32Array {
  const items = value instanceof PickleList || value instanceof PickleTuple ? value.items : [value];
  const length = value instanceof NumpyArray ? value.length : items.length;
  if (length < 1 || length > LIMITS.size) throw new DemonstrationFileError(`its ${what} has ${length} numbers`);
  if (value instanceof NumpyArray) return value.toFloat32();
  return Float32Array.from(items, item => readScalar(item, what));
}

function readScalar(value: PickleValue | undefined, what: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof NumpyArray) return value.toNumber();
  throw new DemonstrationFileError(`its ${what} is ${kindOf(value)}`);
}
