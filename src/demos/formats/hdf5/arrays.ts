import { Dataset, type Group, ready } from 'h5wasm/node';
import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown } from '../../errors.ts';
import { halfToNumber } from '../half.ts';

const library = await ready;

/** HDF5's numbers for classes of types. */
const TYPE = { integer: 0, float: 1, string: 3, enumeration: 8 } as const;
/** Filters that the library has built in: deflate (gzip), shuffle, fletcher32, szip, nbit, scaleoffset. */
const LAST_BUILT_IN_FILTER = 6;
/** Names of the registered filters that files for learning use. */
const FILTERS: ReadonlyMap<number, string> = new Map([
  [307, 'bzip2'],
  [32000, 'lzf'],
  [32001, 'blosc'],
  [32004, 'lz4'],
  [32008, 'bitshuffle'],
  [32013, 'zfp'],
  [32015, 'zstd'],
  [32026, 'blosc2'],
]);
/** Copies a file with everything in it, compressed with gzip. */
export const REWRITE =
  `python3 -c "import h5py,sys; a=h5py.File(sys.argv[1]); b=h5py.File(sys.argv[2],'w'); b.attrs.update(a.attrs); ` +
  `a.visititems(lambda n,o: (b.create_dataset(n,data=o[()],compression='gzip' if o.shape else None) ` +
  `if isinstance(o,h5py.Dataset) else b.require_group(n)).attrs.update(o.attrs))" OLD.hdf5 NEW.hdf5`;

/** Texts of one dataset, bytes. */
const MAX_TEXTS = 64 << 20;

export type Numbers =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Some rows of a dataset: `from` up to, and without, `to`. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** A dataset of a group by its path below it. Throws DemonstrationFileError if there is none. */
export function findDataset(group: Group, name: string): Dataset {
  const found = group.get(name);
  if (!(found instanceof Dataset)) throw new DemonstrationFileError(`it has no dataset "${shown(name, 60)}"`);
  return found;
}

/** The shape of a dataset; empty for a single value, or for none. */
export function shapeOf(dataset: Dataset): readonly number[] {
  return dataset.shape ?? [];
}

/** `float64`, `uint8`, `bool`; the class's name if it is not made of numbers. */
export function typeOf(dataset: Dataset): string {
  const { type, size, signed } = dataset.metadata;
  if (isBoolean(dataset)) return 'bool';
  if (type === TYPE.float) return `float${8 * size}`;
  if (type === TYPE.integer) return `${signed ? 'int' : 'uint'}${8 * size}`;
  return type === TYPE.string ? 'text' : 'other';
}

/** Whether arrays of a type are read as numbers. */
export function isNumeric(type: string): boolean {
  return /^(bool|float(16|32|64)|u?int(8|16|32|64))$/.test(type);
}

/** Whether it is what h5py makes of numpy's booleans: an enumeration of FALSE and TRUE. */
function isBoolean(dataset: Dataset): boolean {
  const { type, size, enum_type } = dataset.metadata;
  if (type !== TYPE.enumeration || size !== 1 || enum_type === undefined) return false;
  const { members, nmembers } = enum_type;
  return nmembers === 2 && members.FALSE === 0 && members.TRUE === 1;
}

/**
 * Reads a dataset of numbers, or some of its rows; booleans are 0 and 1. Its size is checked before it is read.
 *
 * Throws DemonstrationFileError for anything else than numbers, or another number of rows than `length`.
 */
export function readNumbers(group: Group, name: string, length: number | null, rows?: Rows): Numbers {
  const dataset = findDataset(group, name);
  const shape = shapeOf(dataset);
  const what = `its dataset "${shown(name, 60)}"`;
  if (shape.length < 1 || (length !== null && shape[0] !== length))
    throw new DemonstrationFileError(
      `${what} has shape (${shape.slice(0, 8).join(', ')})${length === null ? '' : ` instead of ${length} rows`}`,
    );
  const type = typeOf(dataset);
  if (!isNumeric(type)) throw new DemonstrationFileError(`${what} is not made of numbers that are read: it is ${type}`);
  const { size } = dataset.metadata;
  const row = shape.slice(1).reduce((product, n) => product * n, 1);
  checkBytes(what, size * row * (rows === undefined ? (shape[0] as number) : rows.to - rows.from));
  checkFilters(dataset, what);
  if (type === 'float16') return readHalves(dataset, rows);
  const value = rows === undefined ? dataset.value : dataset.slice([[rows.from, rows.to]]);
  if (!ArrayBuffer.isView(value)) throw new DemonstrationFileError(`${what} is not made of numbers`);
  return value as Numbers; // The types above come as typed arrays.
}

/** The library itself has no arrays for numbers of 16 bits. */
function readHalves(dataset: Dataset, rows?: Rows): Float32Array {
  const { shape } = dataset.metadata;
  const { from, to } = rows ?? { from: 0, to: shape?.[0] ?? 0 };
  const counts = [to - from, ...(shape?.slice(1) ?? [])];
  const out = new Float32Array(counts.reduce((product, n) => product * n, 1));
  if (out.length === 0) return out;
  const at = library._malloc(2 * out.length);
  if (at === 0) throw new DemonstrationFileError(`there is no memory for ${out.length} numbers of it`);
  try {
    const offsets = counts.map((_, axis) => BigInt(axis === 0 ? from : 0));
    const strides = counts.map(() => 1n);
    library.get_dataset_data(dataset.file_id, dataset.path, counts.map(BigInt), offsets, strides, BigInt(at));
    const view = new DataView(library.HEAPU8.buffer, at, 2 * out.length);
    // The library puts the bytes into its own order.
    for (let i = 0; i < out.length; i++) out[i] = halfToNumber(view.getUint16(2 * i, true));
  } finally {
    library._free(at);
  }
  return out;
}

/** The same as float64. */
export function readDoubles(group: Group, name: string, length: number | null, rows?: Rows): Float64Array {
  const numbers = readNumbers(group, name, length, rows);
  return numbers instanceof Float64Array ? numbers : Float64Array.from<number | bigint>(numbers, Number);
}

/** The same as float32. */
export function readFloats(group: Group, name: string, length: number | null, rows?: Rows): Float32Array {
  const numbers = readNumbers(group, name, length, rows);
  return numbers instanceof Float32Array ? numbers : Float32Array.from<number | bigint>(numbers, Number);
}

/** Flags, one a row: 1 if it is not 0. */
export function readFlags(group: Group, name: string, length: number | null, rows?: Rows): Uint8Array {
  const numbers = readNumbers(group, name, length, rows);
  return Uint8Array.from<number | bigint>(numbers, flag => (Number(flag) === 0 ? 0 : 1));
}

/** A dataset of texts, whole. */
export function readTexts(group: Group, name: string): readonly string[] {
  const dataset = findDataset(group, name);
  const what = `its dataset "${shown(name, 60)}"`;
  if (typeOf(dataset) !== 'text') throw new DemonstrationFileError(`${what} is not made of texts`);
  const { size, total_size } = dataset.metadata;
  if (!(size * total_size <= MAX_TEXTS)) throw new DemonstrationFileError(`${what} has more than ${MAX_TEXTS} bytes`);
  if (total_size === 0) return [];
  checkFilters(dataset, what);
  const { value } = dataset;
  return (Array.isArray(value) ? value : [value]).map(text => String(text));
}

function checkBytes(what: string, bytes: number): void {
  if (!(bytes <= LIMITS.bytes)) throw new DemonstrationFileError(`${what} has more than ${LIMITS.bytes} bytes`);
}

function checkFilters(dataset: Dataset, what: string): void {
  const foreign = dataset.filters.find(({ id }) => id > LAST_BUILT_IN_FILTER);
  if (foreign === undefined) return;
  const name = FILTERS.get(foreign.id) ?? `filter ${foreign.id}`;
  throw new DemonstrationFileError(
    `${what} is compressed with ${name}, which is not read. Rewrite the file with gzip: ${REWRITE}`,
  );
}
