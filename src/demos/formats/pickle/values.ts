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

/** Python's dict. Only keys that are texts are kept: nothing else names something in demonstrations. */
export class PickleDict {
  readonly entries = new Map<string, PickleValue>();

  /** @param pairs keys and values, one after the other. */
  constructor(pairs: readonly PickleValue[] = []) {
    this.set(pairs);
  }

  set(pairs: readonly PickleValue[]): void {
    if (pairs.length % 2 !== 0) throw new DemonstrationFileError('it has a key without a value');
    for (let i = 0; i < pairs.length; i += 2) {
      const key = pairs[i];
      if (typeof key === 'string') this.entries.set(key, pairs[i + 1] as PickleValue);
    }
  }
}

/** One of the few functions and classes that data is made with: a name, never called as such. */
export class PickleGlobal {
  readonly name: GlobalName;
  constructor(name: GlobalName) {
    this.name = name;
  }
}

/** Any other function or class: a name that can be told, and nothing else. */
export class ForeignGlobal {
  readonly name: string;
  constructor(module: string, name: string) {
    this.name = `${shown(module, 60)}.${shown(name, 60)}`;
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
  | PickleDict
  | PickleGlobal
  | ForeignGlobal
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
  'numpy.ma.core _mareconstruct': '_mareconstruct',
  'numpy.ma MaskedArray': 'MaskedArray',
  'numpy.ma.core MaskedArray': 'MaskedArray',
  'collections deque': 'deque',
  'collections OrderedDict': 'OrderedDict',
} as const;

type GlobalName = (typeof GLOBALS)[keyof typeof GLOBALS];

/** Looks a function or class up by its name. */
export function findGlobal(module: string, name: string): PickleGlobal | ForeignGlobal {
  const key = `${module} ${name}`;
  if (Object.hasOwn(GLOBALS, key)) return new PickleGlobal(GLOBALS[key as keyof typeof GLOBALS]); // Just looked up.
  return new ForeignGlobal(module, name);
}

const ADVICE =
  'nothing in a file is ever called, and only plain numbers and numpy arrays are read. If you trust the file, convert such values ' +
  'with numpy.asarray in Python first';

/** Throws UnsafePickleError for a function or class that is not read. */
export function refuseGlobal({ name }: ForeignGlobal): never {
  throw new UnsafePickleError(`it asks for ${name}, which is refused: ${ADVICE}`);
}

/** Throws UnsafePickleError for calling a function that is not read. */
export function refuseCall(callable: ForeignGlobal): never {
  if (callable.name.startsWith('torch.'))
    throw new UnsafePickleError(
      `it holds tensors of PyTorch (${callable.name}), which are not read: turn them into arrays with .numpy() and pickle those`,
    );
  if (callable.name.startsWith('joblib.'))
    throw new UnsafePickleError(`it is a file of joblib (${callable.name}): joblib.load it, and pickle.dump that`);
  refuseGlobal(callable);
}

/** Throws UnsafePickleError for an object of a class, by the class's name. */
export function refuseObject(type: PickleValue | undefined, given: PickleValue | undefined): never {
  if (!(type instanceof ForeignGlobal)) throw new UnsafePickleError(`it makes an object of ${kindOf(type)}`);
  if (given instanceof PickleTuple && given.items.length > 1)
    throw new UnsafePickleError(
      `it holds named tuples of the class ${type.name} with ${given.items.length} fields, which are not read: the file does not contain ` +
        'the names of the fields. In Python, make plain tuples of them: [(t.state, t.action, t.reward, t.next_state, t.done) for t in items]',
    );
  throw new UnsafePickleError(`it holds an object of the class ${type.name}, which is refused: ${ADVICE}`);
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
      if (first instanceof NumpyType && isBytes(second)) {
        const number = arrayOf(first, [], false, toBytes(second)).toNumber();
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
    case '_mareconstruct':
      if (first instanceof PickleGlobal && first.name === 'MaskedArray') return new NumpyArray('masked');
      break;
    case 'deque':
      if (first === undefined || (first instanceof PickleTuple && first.items.length === 0)) return new PickleList();
      break;
    case 'OrderedDict':
      if (first === undefined) return new PickleDict();
      // Python 2 gives a list of lists.
      if (first instanceof PickleList)
        return new PickleDict(first.items.flatMap(pair => (pair instanceof PickleList ? pair.items : [pair])));
      break;
    case 'ndarray':
    case 'MaskedArray':
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
    const [version, shape, type, columnsFirst, data, mask] = state.items;
    if (version === 1 && shape instanceof PickleTuple && type instanceof NumpyType) {
      const sizes = shapeOf(shape);
      if (type.read === null && data instanceof PickleList) {
        target.setObjects(type, sizes, columnsFirst === true, data.items);
        return;
      }
      if (isBytes(data) && (isBytes(mask) || target.kind === 'plain')) {
        target.set(type, sizes, columnsFirst === true, toBytes(data), isBytes(mask) ? toBytes(mask) : null);
        return;
      }
    }
  }
  throw new UnsafePickleError("it sets the state of something (BUILD) in a way that numpy's own pickles do not");
}

/** Bytes, or the text that Python 2 has for them. */
function isBytes(value: PickleValue | undefined): value is Buffer | string {
  return Buffer.isBuffer(value) || typeof value === 'string';
}

function toBytes(value: Buffer | string): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
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
  if (value instanceof PickleDict) return `a dict of ${value.entries.size}`;
  if (value instanceof NumpyArray)
    return `a numpy array of ${value.length} ${value.objects === null ? 'numbers' : 'objects'}`;
  return value instanceof ForeignGlobal ? value.name : 'a class';
}
