import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DemonstrationFileError, openDemonstrations } from '../../src/demos/index.ts';
import { FIXTURES, readDemos, temporaryFolder } from './demo-files.ts';

const fixture = (name: string) => join(FIXTURES, 'hdf5', name);

test.each([
  ['external-link.hdf5', 'data/demo_0/obs/observation is an external link to the file "private.h5"'],
  ['external-storage.hdf5', /data\/demo_0\/obs\/observation is in external storage, the file ".*neighbour\.txt"/],
  ['made-external-group.hdf5', 'else is an external link to the file "private.h5"'],
  ['made-virtual.hdf5', 'data/demo_0/unused is a virtual dataset made of the file "private.h5"'],
  ['made-virtual-missing.hdf5', 'data/demo_0/unused is a virtual dataset made of the file "missing.h5"'],
])('refuses %s before anything is read, by kind, dataset and file', async (name, message) => {
  // The other file is where the reference leads to.
  const folder = temporaryFolder();
  for (const file of [name, 'private.h5', 'neighbour.txt']) copyFileSync(fixture(file), join(folder, file));
  const opening = openDemonstrations(join(folder, name));
  await expect(opening).rejects.toThrow(DemonstrationFileError);
  await expect(opening).rejects.toThrow(message);
});

test('follows links within the file, and ends where they lead in circles', async () => {
  const { episodes } = await readDemos(fixture('made-links.hdf5'));
  expect(episodes.map(({ length }) => length)).toEqual([4, 4]);
});

test('reads the file that was asked for after one that was refused', async () => {
  await expect(openDemonstrations(fixture('external-link.hdf5'))).rejects.toThrow('external link');
  expect((await readDemos(fixture('plain.hdf5'))).episodes).toHaveLength(3);
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'empty.hdf5'), '');
  await expect(openDemonstrations(join(folder, 'empty.hdf5'))).rejects.toThrow('it is empty (0 bytes)');
});
