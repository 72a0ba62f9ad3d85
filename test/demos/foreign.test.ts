import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FIXTURES, readDemos, temporaryFolder } from './demo-files.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const zip = (name: string) => bytes(`PK\x03\x04${'\0'.repeat(26)}${name}content`);
const tar = Buffer.concat([Buffer.alloc(257, 'x'), bytes('ustar\x0000'), Buffer.alloc(248)]);
const HDF5 = bytes('\x89HDF\r\n\x1a\n and more');
const PICKLE = bytes('\x80\x04].');

/** What a file has at its beginning, and what it is said to be. */
const FOREIGN: readonly (readonly [what: string, content: Buffer, said: string])[] = [
  [
    'torch.save',
    zip('archive/data.pkl'),
    'a file of torch.save, which is not read. To convert it: python -c "import pickle, torch',
  ],
  [
    'an old torch.save',
    bytes('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.'),
    'a file of an old torch.save',
  ],
  ['npz', zip('observations.npy'), 'a NumPy archive (.npz), which is not read. To convert it: python -c'],
  ['zip', zip('a.txt'), 'a zip archive'],
  ['npy', bytes("\x93NUMPY\x01\0v\0{'descr': '<f8'"), 'a NumPy array (.npy)'],
  ['bzip2', bytes('BZh91AY&SY'), 'compressed with bzip2'],
  ['xz', bytes('\xfd7zXZ\0\0\x04'), 'compressed with xz'],
  ['Zstandard', bytes('\x28\xb5\x2f\xfd$\x05'), 'compressed with Zstandard'],
  ['LZ4', bytes('\x04\x22\x4d\x18d'), 'compressed with LZ4'],
  ['zlib', bytes('\x78\x9ck`'), 'compressed with zlib, as joblib does'],
  ['tar', tar, 'a tar archive'],
  ['Parquet', bytes('PAR1\x15\x04'), 'a Parquet file'],
  ['UTF-16', bytes('\xff\xfe{\0'), 'text in UTF-16'],
];
const NAMES = ['a.pickle', 'a.json', 'a.jsonl', 'a.hdf5'];

test.each(FOREIGN)('names %s under any name, and inside gzip', async (_, content, said) => {
  const folder = temporaryFolder();
  for (const name of NAMES) {
    writeFileSync(join(folder, name), content);
    await expect(readDemos(join(folder, name))).rejects.toThrow(`${name} failed: it is ${said}`);
  }
  writeFileSync(join(folder, 'b.pickle'), gzipSync(content));
  await expect(readDemos(join(folder, 'b.pickle'))).rejects.toThrow(`it is ${said}`);
});

test.each([
  ['HDF5', HDF5, ['a.pickle', 'a.json'], 'it is an HDF5 file by its content', 'Name it .hdf5'],
  ['a pickle', PICKLE, ['a.json', 'a.jsonl', 'a.hdf5'], 'it is a pickle by its content', 'Name it .pickle'],
  ['JSON', bytes('\n {"a": 1}'), ['a.pickle', 'a.hdf5'], 'it is JSON by its content', 'Name it .json or .jsonl'],
] as const)('names %s under the name of another format', async (_, content, names, said, advice) => {
  const folder = temporaryFolder();
  for (const name of names) {
    const path = join(folder, name);
    writeFileSync(path, content);
    await expect(readDemos(path)).rejects.toThrow(said);
    await expect(readDemos(path)).rejects.toThrow(advice);
  }
});

test.each(NAMES)('reports that %s is empty', async name => {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, '');
  await expect(readDemos(path)).rejects.toThrow('it is empty (0 bytes)');
  writeFileSync(path, gzipSync(''));
  await expect(readDemos(path)).rejects.toThrow(/it is empty|it is compressed with gzip: unpack it first/);
});

test('refuses gzip that is damaged or cut short', async () => {
  const path = join(temporaryFolder(), 'a.pickle');
  const whole = gzipSync(bytes(`\x80\x04]${'N0'.repeat(5000)}.`));
  writeFileSync(path, whole.subarray(0, whole.length - 12));
  await expect(readDemos(path)).rejects.toThrow('it is compressed with gzip, and unpacking it failed: unexpected end');
});

test('refuses gzip that unpacks to far more than it should, and leaves nothing behind', async () => {
  const left = () => readdirSync(tmpdir()).filter(name => name.startsWith('graspbridge-unpacked-'));
  const path = join(temporaryFolder(), 'a.pickle');
  writeFileSync(path, gzipSync(Buffer.alloc(80 << 20)));
  await expect(readDemos(path)).rejects.toThrow(/its \d+ bytes unpack to more than 67108864/);
  expect(left()).toEqual([]);
});

test('a file that is read from gzip leaves nothing behind', async () => {
  await readDemos(join(FIXTURES, 'containers', 'gz.pickle'));
  expect(readdirSync(tmpdir()).filter(name => name.startsWith('graspbridge-unpacked-'))).toEqual([]);
});
