import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown, UnsafePickleError } from '../../errors.ts';
import { halfToNumber } from '../half.ts';

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

/** numpy's dtype: one kind of number, or Python objects. */
export class NumpyType {
  readonly name: string;
  readonly bytes: number;
  /** Null for Python objects. */
  readonly read: Read | null;
  private little = true;

  /** @param name as numpy pickles it: `f8`, `i4`, `b1` … Throws UnsafePickleError for a type that is not of numbers. */
  constructor(name: string) {
    const isObject = /^O\d?$/.test(name);
    const type = isObject ? { bytes: 0, read: null } : Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
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

/** numpy's array of numbers or Python objects; empty until it is told what it holds. */
export class NumpyArray<T = unknown> {
  /** Masked arrays are read if nothing in them is masked. */
  readonly kind: 'plain' | 'masked';
  private type: NumpyType | null = null;
  private sizes: readonly number[] = [0];
  private columnsFirst = false;
  private data: Uint8Array = new Uint8Array(0);
  private items: readonly T[] | null = null;

  constructor(kind: 'plain' | 'masked' = 'plain') {
    this.kind = kind;
  }

  /**
   * @param mask of a masked array: a byte for each number.
   *
   * Throws DemonstrationFileError if shape and bytes do not fit each other, or a number is masked.
   */
  set(
    type: NumpyType,
    shape: readonly number[],
    columnsFirst: boolean,
    data: Uint8Array,
    mask: Uint8Array | null = null,
  ): void {
    const count = countOf(shape);
    if (count * type.bytes !== data.byteLength || type.read === null)
      throw new DemonstrationFileError(
        `a numpy array of ${type.name} and shape ${shapeText(shape)} comes with ${data.byteLength} bytes`,
      );
    if (mask?.some(masked => masked !== 0) === true)
      throw new DemonstrationFileError(
        'it holds a masked array with masked numbers: fill them in Python with .filled() first',
      );
    this.type = type;
    this.sizes = shape;
    this.columnsFirst = columnsFirst && shape.length > 1;
    this.data = data;
  }

  /** Makes it an array of Python objects. Throws DemonstrationFileError if there are not as many as the shape says. */
  setObjects(type: NumpyType, shape: readonly number[], columnsFirst: boolean, objects: readonly T[]): void {
    const count = countOf(shape);
    if (count !== objects.length)
      throw new DemonstrationFileError(
        `a numpy array of objects and shape ${shapeText(shape)} comes with ${objects.length} objects`,
      );
    this.type = type;
    this.sizes = shape;
    const order = columnsFirst && shape.length > 1 ? rowOrder(shape, count) : null;
    this.items = order === null ? objects : Array.from(order, at => objects[at] as T);
  }

  get shape(): readonly number[] {
    return this.sizes;
  }

  /** numpy's name of its type, such as `f4`. */
  get typeName(): string {
    return this.type?.name ?? 'f8';
  }

  get length(): number {
    return countOf(this.sizes);
  }

  /** Its objects row by row; null for an array of numbers. */
  get objects(): readonly T[] | null {
    return this.items;
  }

  /** Its numbers row by row, whatever their order in memory was. Float32 keeps its bits. */
  toFloat32(): Float32Array {
    const { type, data } = this;
    if (type?.name === 'f4' && type.littleEndian && !this.columnsFirst) {
      const out = new Float32Array(data.byteLength / 4);
      new Uint8Array(out.buffer).set(data);
      return out;
    }
    return this.fill(length => new Float32Array(length));
  }

  /** As `toFloat32`, in double precision. */
  toFloat64(): Float64Array {
    return this.fill(length => new Float64Array(length));
  }

  /** Its only number. Throws DemonstrationFileError if it has more or fewer. */
  toNumber(): number {
    const { type, data } = this;
    const read = type?.read;
    if (type === null || read === null || read === undefined || this.length !== 1)
      throw new DemonstrationFileError(`a numpy array of ${this.length} numbers stands where one number belongs`);
    return read(new DataView(data.buffer, data.byteOffset, data.byteLength), 0, type.littleEndian);
  }

  private fill<A extends Float32Array | Float64Array>(make: (length: number) => A): A {
    const { type, data } = this;
    const read = type?.read;
    if (type === null || read === null || read === undefined) return make(0);
    const length = data.byteLength / type.bytes;
    const out = make(length);
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const order = this.columnsFirst ? rowOrder(this.sizes, length) : null;
    for (let i = 0; i < length; i++) out[i] = read(view, (order?.[i] ?? i) * type.bytes, type.littleEndian);
    return out;
  }
}

/** Throws DemonstrationFileError for a shape that no array has. */
function countOf(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0 || size > LIMITS.bytes)
      throw new DemonstrationFileError(`a numpy array has the impossible shape ${shapeText(shape)}`);
    count *= size;
  }
  if (shape.length > 32 || count > LIMITS.bytes)
    throw new DemonstrationFileError(`a numpy array has the impossible shape ${shapeText(shape)}`);
  return count;
}

function shapeText(shape: readonly number[]): string {
  return `(${shape.slice(0, 8).join(', ')})`;
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
