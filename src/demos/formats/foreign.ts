const python = (statement: string) => `python -c "${statement}"`;
const unpacked = (module: string) =>
  python(`import ${module}, shutil; shutil.copyfileobj(${module}.open('FILE'), open('OUT', 'wb'))`);
const pickled = (modules: string, value: string) =>
  python(`import pickle, ${modules}; pickle.dump(${value}, open('OUT.pickle', 'wb'))`);

const TORCH = pickled(
  'torch; from torch.utils._pytree import tree_map',
  "tree_map(lambda x: x.numpy() if torch.is_tensor(x) else x, torch.load('FILE', map_location='cpu'))",
);

interface Signature {
  readonly what: string;
  /** How to make a file of it that is read. */
  readonly convert: string;
  readonly at?: number;
  readonly bytes: string;
  /** What else must be among the first bytes. */
  readonly with?: string;
}

/** Formats that are not read, by their first bytes as latin-1. */
const SIGNATURES: readonly Signature[] = [
  { what: 'a file of torch.save', bytes: 'PK\x03\x04', with: '/data.pkl', convert: TORCH },
  { what: 'a file of an old torch.save', bytes: '\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', convert: TORCH },
  {
    what: 'a NumPy archive (.npz)',
    bytes: 'PK\x03\x04',
    with: '.npy',
    convert: pickled('numpy', "dict(numpy.load('FILE'))"),
  },
  { what: 'a zip archive', bytes: 'PK\x03\x04', convert: 'python -m zipfile -e FILE FOLDER' },
  {
    what: 'a NumPy array (.npy)',
    bytes: '\x93NUMPY',
    convert: pickled(
      'numpy',
      "{key: numpy.load(key + '.npy') for key in ('observations', 'actions', 'rewards', 'terminals')}",
    ),
  },
  { what: 'compressed with bzip2', bytes: 'BZh', convert: unpacked('bz2') },
  { what: 'compressed with xz', bytes: '\xfd7zXZ\0', convert: unpacked('lzma') },
  { what: 'compressed with Zstandard', bytes: '\x28\xb5\x2f\xfd', convert: 'zstd -d FILE -o OUT' },
  { what: 'compressed with LZ4', bytes: '\x04\x22\x4d\x18', convert: 'lz4 -d FILE OUT' },
  { what: 'a 7z archive', bytes: "7z\xbc\xaf'\x1c", convert: '7z x FILE' },
  ...['\x01', '\x5e', '\x9c', '\xda'].map(level => ({
    what: 'compressed with zlib, as joblib does',
    bytes: `\x78${level}`,
    convert: pickled('joblib', "joblib.load('FILE')"),
  })),
  { what: 'a tar archive', at: 257, bytes: 'ustar', convert: 'python -m tarfile -e FILE FOLDER' },
  {
    what: 'a Parquet file',
    bytes: 'PAR1',
    convert: pickled('pandas', "pandas.read_parquet('FILE').to_dict('records')"),
  },
  {
    what: 'an Arrow file',
    bytes: 'ARROW1',
    convert: pickled('pandas', "pandas.read_feather('FILE').to_dict('records')"),
  },
  {
    what: 'a MATLAB file',
    bytes: 'MATLAB 5.0',
    convert: pickled('scipy.io', "scipy.io.loadmat('FILE')"),
  },
  ...['\xff\xfe', '\xfe\xff'].map(bytes => ({
    what: 'text in UTF-16',
    bytes,
    convert: python("open('OUT', 'w', encoding='utf-8').write(open('FILE', encoding='utf-16').read())"),
  })),
];

/** The formats that are read, for a file of one that has the name of another. */
const READ: readonly { readonly what: string; readonly format: string; readonly is: (head: Buffer) => boolean }[] = [
  {
    what: 'an HDF5 file',
    format: 'HDF5',
    is: head => head.toString('latin1', 0, 8) === '\x89HDF\r\n\x1a\n',
  },
  {
    what: 'a pickle',
    format: 'pickle',
    is: head => head[0] === 0x80 && head[1] !== undefined && head[1] >= 2 && head[1] <= 5,
  },
  { what: 'JSON', format: 'JSON', is: head => /^(\xef\xbb\xbf)?\s*[[{]/.test(head.toString('latin1')) },
];
const NAMES: Readonly<Record<string, string>> = { HDF5: '.hdf5', pickle: '.pickle', JSON: '.json or .jsonl' };

/** How many of a file's first bytes tell what it is. */
export const HEAD_BYTES = 512;

/** Whether a file is compressed with gzip. */
export function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Tells by a file's first bytes why it cannot be read as a format: that it is empty, or something else, and what to do.
 * Null if nothing speaks against it.
 */
export function foreignContent(head: Buffer, format: string): string | null {
  if (head.length === 0) return 'it is empty (0 bytes)';
  const text = head.toString('latin1');
  const found = SIGNATURES.find(
    ({ at = 0, bytes, with: also }) => text.startsWith(bytes, at) && (also === undefined || text.includes(also)),
  );
  if (found !== undefined) return `it is ${found.what}, which is not read. To convert it: ${found.convert}`;
  const other = READ.find(({ is }) => is(head));
  if (other === undefined || format.startsWith(other.format)) return null;
  return `it is ${other.what} by its content, and not ${format}. Name it ${NAMES[other.format]} to read it`;
}
