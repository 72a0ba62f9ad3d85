import { DemonstrationFileError, shown, UnsafePickleError } from '../../errors.ts';
import { NumpyArray, NumpyType } from './numpy.ts';

/** Python's tuple. */
export class PickleTuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** Python's list. */
export class PickleList {
  readonly items: PickleValue[];
  constructor(items: PickleValue[] = []) {
    this.items = items;
  }
}

/** One of the few functions and classes that data is made with: a name, never called as such. */
export class PickleGlobal {
  readonly name: GlobalName;
  constructor(name: GlobalName) {
    this.name = name;
  }
}

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Buffer
  | PickleTuple
  | PickleList
  | PickleGlobal
  | NumpyType
  | NumpyArray;

/** What numpy 1 and 2 make arrays, scalars and their bytes with; nothing else has a meaning here. */
const GLOBALS = {
  'numpy ndarray': 'ndarray',
  'numpy dtype': 'dtype',
  'numpy.core.multiarray _reconstruct': '_reconstruct',
  'numpy._core.multiarray _reconstruct': '_reconstruct',
  'numpy.core.multiarray scalar': 'scalar',
  'numpy._core.multiarray scalar': 'scalar',
  'numpy.core.numeric _frombuffer': '_frombuffer',
  'numpy._core.numeric _frombuffer': '_frombuffer',
  '_codecs encode': 'encode',
  '__builtin__ bytes': 'bytes',
  'builtins bytes': 'bytes',
} as const;

type GlobalName = (typeof GLOBALS)[keyof typeof GLOBALS];

/** Throws UnsafePickleError for any other function or class, by its name. */
export function findGlobal(module: string, name: string): PickleGlobal {
  const key = `${module} ${name}`;
  if (Object.hasOwn(GLOBALS, key)) return new PickleGlobal(GLOBALS[key as keyof typeof GLOBALS]); // Just looked up.
  throw new UnsafePickleError(
    `it asks for ${shown(module, 60)}.${shown(name, 60)}, which is refused: nothing in a file is ever called, and only plain numbers and ` +
      'numpy arrays are read. Where the file is trusted, convert such values with numpy.asarray in Python first',
  );
}

/** What calling one of the globals gives. Throws UnsafePickleError, DemonstrationFileError. */
export function call(callable: PickleValue, argument: PickleValue): PickleValue {
  if (!(callable instanceof PickleGlobal) || !(argument instanceof PickleTuple))
    throw new UnsafePickleError('it calls what is no function that is known (REDUCE)');
  const [first, second, third, fourth] = argument.items;
  switch (callable.name) {
    case 'dtype':
      if (typeof first === 'string') return new NumpyType(first);
      break;
    case '_reconstruct':
      // numpy makes an empty array first, and fills it with BUILD.
      if (first instanceof PickleGlobal && first.name === 'ndarray') return new NumpyArray();
      break;
    case 'scalar':
      if (first instanceof NumpyType && Buffer.isBuffer(second)) {
        const number = arrayOf(first, [], false, second).toNumber();
        return first.name === 'b1' ? number !== 0 : number;
      }
      break;
    case '_frombuffer':
      if (Buffer.isBuffer(first) && second instanceof NumpyType && third instanceof PickleTuple)
        return arrayOf(second, shapeOf(third), fourth === 'F', first);
      break;
    case 'encode':
      // Protocol 2 has no bytes: they are text whose characters are the bytes.
      if (typeof first === 'string' && second === 'latin1') return Buffer.from(first, 'latin1');
      break;
    case 'bytes':
      if (argument.items.length === 0) return Buffer.alloc(0);
      break;
    case 'ndarray':
      break;
  }
  throw new UnsafePickleError(`it calls ${callable.name} in a way that numpy's own pickles do not`);
}

/** Fills an array, or completes a type. Throws UnsafePickleError for anything else. */
export function build(target: PickleValue | undefined, state: PickleValue): void {
  if (target instanceof NumpyType && state instanceof PickleTuple && typeof state.items[1] === 'string') {
    target.setByteOrder(state.items[1]);
    return;
  }
  if (target instanceof NumpyArray && state instanceof PickleTuple) {
    const [version, shape, type, columnsFirst, data] = state.items;
    if (version === 1 && shape instanceof PickleTuple && type instanceof NumpyType && Buffer.isBuffer(data)) {
      target.set(type, shapeOf(shape), columnsFirst === true, data);
      return;
    }
    if (data instanceof PickleList)
      throw new UnsafePickleError('it holds a numpy array of Python objects, which is not read: use one of numbers');
  }
  throw new UnsafePickleError("it sets the state of something (BUILD) in a way that numpy's own pickles do not");
}

function arrayOf(type: NumpyType, shape: readonly number[], columnsFirst: boolean, data: Buffer): NumpyArray {
  const array = new NumpyArray();
  array.set(type, shape, columnsFirst, data);
  return array;
}

function shapeOf({ items }: PickleTuple): readonly number[] {
  return items.map(size => {
    if (typeof size !== 'number') throw new DemonstrationFileError("a numpy array's shape is not made of numbers");
    return size;
  });
}

/** What a value is, in Python's words. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'a bool';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'string') return 'a str';
  if (Buffer.isBuffer(value)) return 'bytes';
  if (value instanceof PickleTuple) return `a tuple of ${value.items.length}`;
  if (value instanceof PickleList) return `a list of ${value.items.length}`;
  if (value instanceof NumpyArray) return `a numpy array of ${value.length} numbers`;
  return 'a class';
}
