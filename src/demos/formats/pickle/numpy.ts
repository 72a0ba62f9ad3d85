import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown, UnsafePickleError } from '../../errors.ts';

type Read = (view: DataView, at: number, little: boolean) => number;

/** The types of numbers that are read, by numpy's names, with their size in bytes. */
const TYPES: Readonly<Record<string, { readonly bytes: number; readonly read: Read }>> = {
  b1: { bytes: 1, read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  i1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  u1: { bytes: 1, read: (view, at) => view.getUint8(at) },
  i2: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  u2: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  i4: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  u4: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  i8: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  u8: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  f2: { bytes: 2, read: (view, at, little) => halfToNumber(view.getUint16(at, little)) },
  f4: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
};

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * 2 ** -24 * fraction : sign * 2 ** (exponent - 25) * (1024 + fraction);
}

/** numpy's dtype of one kind of number. */
export class NumpyType {
  readonly name: string;
  readonly bytes: number;
  readonly read: Read;
  private little = true;

  /** @param name as numpy pickles it: `f8`, `i4`, `b1` … Throws UnsafePickleError for a type that is not of numbers. */
  constructor(name: string) {
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (type === undefined)
      throw new UnsafePickleError(
        `it holds numpy data of type "${shown(name, 20)}", which is not read: use one of ${Object.keys(TYPES).join(', ')}`,
      );
    this.name = name;
    this.bytes = type.bytes;
    this.read = type.read;
  }

  /** The order of a number's bytes: `<`, `>`, `|` (none) or `=` (that of the machine which wrote it, taken as little). */
  setByteOrder(order: string): void {
    if (!['<', '>', '|', '='].includes(order))
      throw new DemonstrationFileError(`numpy's byte order "${shown(order, 20)}" is unknown`);
    this.little = order !== '>';
  }

  get littleEndian(): boolean {
    return this.little;
  }
}

/** numpy's array of numbers; empty until it is told what it holds. */
export class NumpyArray {
  private type: NumpyType | null = null;
  private shape: readonly number[] = [0];
  private columnsFirst = false;
  private data: Uint8Array = new Uint8Array(0);

  /** Throws DemonstrationFileError where shape and bytes do not fit each other. */
  set(type: NumpyType, shape: readonly number[], columnsFirst: boolean, data: Uint8Array): void {
    let count = 1;
    for (const size of shape) {
      if (!Number.isInteger(size) || size < 0 || size > LIMITS.bytes)
        throw new DemonstrationFileError(`a numpy array has the impossible shape (${shape.slice(0, 8).join(', ')})`);
      count *= size;
    }
    if (shape.length > 32 || count * type.bytes !== data.byteLength)
      throw new DemonstrationFileError(
        `a numpy array of ${type.name} and shape (${shape.slice(0, 8).join(', ')}) comes with ${data.byteLength} bytes`,
      );
    this.type = type;
    this.shape = shape;
    this.columnsFirst = columnsFirst && shape.length > 1;
    this.data = data;
  }

  get length(): number {
    return this.type === null ? 0 : this.data.byteLength / this.type.bytes;
  }

  /** Its numbers row by row, whatever their order in memory was. Float32 keeps its bits. */
  toFloat32(): Float32Array {
    const { type, length, data } = this;
    if (type === null) return new Float32Array(0);
    const out = new Float32Array(length);
    if (type.name === 'f4' && type.littleEndian && !this.columnsFirst) {
      new Uint8Array(out.buffer).set(data);
      return out;
    }
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const order = this.columnsFirst ? rowOrder(this.shape, length) : null;
    for (let i = 0; i < length; i++) out[i] = type.read(view, (order?.[i] ?? i) * type.bytes, type.littleEndian);
    return out;
  }

  /** Its only number. Throws DemonstrationFileError where it has more or fewer. */
  toNumber(): number {
    const { type, data } = this;
    if (type === null || this.length !== 1)
      throw new DemonstrationFileError(`a numpy array of ${this.length} numbers stands where one number belongs`);
    return type.read(new DataView(data.buffer, data.byteOffset, data.byteLength), 0, type.littleEndian);
  }
}

/** Where in memory the numbers of an array lie that is stored column by column, in row-by-row order. */
function rowOrder(shape: readonly number[], length: number): Uint32Array {
  const order = new Uint32Array(length);
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < length; i++) {
    let at = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) at = at * (shape[axis] as number) + (index[axis] as number);
    order[i] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return order;
}
