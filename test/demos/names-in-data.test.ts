import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  convertDemonstrations,
  inspectDemonstrations,
  UnsafePickleError,
  validateDemonstrations,
} from '../../src/demos/index.ts';
import { METADATA, readDemos, sampleEpisodes, temporaryFolder, writeDemos } from './demo-files.ts';

/** A folder with something private in it, which no file of demonstrations may bring to light or change. */
function privateFolder(): { readonly folder: string; readonly secret: string } {
  const folder = temporaryFolder();
  const secret = join(folder, 'secret.txt');
  writeFileSync(secret, 'private');
  mkdirSync(join(folder, 'work'));
  return { folder, secret };
}

test.each(['json', 'jsonl', 'pickle'])(
  'names of files in the metadata of %s open and make no file',
  async extension => {
    const { folder, secret } = privateFolder();
    const metadata = {
      ...METADATA,
      environment: { id: '../../secret.txt', options: { scene: secret, '../secret.txt': secret } },
      simulator: { name: secret, version: '../secret.txt' },
      policy: { name: secret, noise: 0 },
      software: { name: '../secret.txt', version: secret },
    };
    const path = await writeDemos(join(folder, 'work', `a.${extension}`), sampleEpisodes(), metadata);
    await inspectDemonstrations(path);
    await validateDemonstrations(path);
    await convertDemonstrations(path, join(folder, 'work', `b.json`));
    const sidecars = extension === 'pickle' ? ['a.pickle.json'] : [];
    expect(readdirSync(join(folder, 'work')).sort()).toEqual([`a.${extension}`, ...sidecars, 'b.json'].sort());
    expect(readdirSync(folder).sort()).toEqual(['secret.txt', 'work']);
    expect(readFileSync(secret, 'utf8')).toBe('private');
  },
);

test.each([
  ['builtins', 'open'],
  ['io', 'open'],
  ['pathlib', 'Path'],
  ['numpy', 'load'],
  ['numpy', 'memmap'],
  ['numpy', 'fromfile'],
])('a pickle that calls %s.%s reads and makes no file', async (module, name) => {
  const { folder, secret } = privateFolder();
  const path = join(folder, 'work', 'a.pickle');
  writeFileSync(
    path,
    Buffer.from(`\x80\x04]c${module}\n${name}\nX${String.fromCharCode(secret.length)}\0\0\0${secret}\x85Ra.`, 'latin1'),
  );
  const error = await readDemos(path).catch(found => found);
  expect(error).toBeInstanceOf(UnsafePickleError);
  expect(error.message).not.toContain('private');
  expect(readdirSync(join(folder, 'work'))).toEqual(['a.pickle']);
});

test('only the .json of the same name is read beside a pickle', async () => {
  const { folder } = privateFolder();
  const path = await writeDemos(join(folder, 'work', 'a.pickle'), sampleEpisodes());
  cpSync(`${path}.json`, join(folder, 'work', 'b.pickle.json'));
  const moved = join(folder, 'c.pickle');
  cpSync(path, moved);
  expect((await readDemos(moved)).metadata).toBeNull();
});

test.skipIf(process.platform === 'win32')('a link at the place of an output is not written through', async () => {
  const { folder, secret } = privateFolder();
  const path = await writeDemos(join(folder, 'work', 'a.json'), sampleEpisodes());
  const link = join(folder, 'work', 'b.json');
  symlinkSync(secret, link);
  await expect(convertDemonstrations(path, link)).rejects.toThrow('it exists');
  symlinkSync(join(folder, 'missing.txt'), join(folder, 'work', 'c.json'));
  await convertDemonstrations(path, join(folder, 'work', 'c.json'));
  expect(readFileSync(secret, 'utf8')).toBe('private');
  expect(readdirSync(folder).sort()).toEqual(['secret.txt', 'work']);
});
