import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { Hdf5Thread } from '../../src/demos/formats/hdf5/thread.ts';
import { DemonstrationFileError } from '../../src/demos/index.ts';
import { FIXTURES, sampleEpisodes, temporaryFolder, writeDemos } from './demo-files.ts';

/** `FUZZ_HDF5_FILES=2000` is a matter of minutes. */
const FILES = Number(process.env.FUZZ_HDF5_FILES ?? 300);
/** What reading a file takes at most, ms; most take one. */
const DEADLINE = 5000;

/** A few bytes altered, a piece overwritten by another, or the end cut off. */
function damage(bytes: Buffer, random: Random): Buffer {
  const out = Buffer.from(bytes);
  const kind = random.integer(8);
  if (kind === 0) return out.subarray(0, random.integer(out.length));
  if (kind === 1) out.copy(out, random.integer(out.length), random.integer(out.length), out.length);
  // Most of a file's structure is in its first kilobytes, small numbers and all ones are what lengths dislike most.
  else
    for (let i = 0; i <= random.integer(6); i++)
      out[random.integer(random.integer(2) === 0 ? Math.min(4096, out.length) : out.length)] = [
        0,
        0xff,
        1,
        random.integer(256),
      ][random.integer(4)] as number;
  return out;
}

test(`${FILES} damaged HDF5 files give an error or numbers each: no crash, no hang`, async () => {
  const folder = temporaryFolder();
  const ours = readFileSync(await writeDemos(join(folder, 'ours.hdf5'), sampleEpisodes()));
  const others = [
    'robomimic.hdf5',
    'hdf5/minari.hdf5',
    'hdf5/d4rl.hdf5',
    'hdf5/maniskill.h5',
    'hdf5/external-storage.hdf5',
  ];
  const samples = [ours, ...others.map(name => readFileSync(join(FIXTURES, name)))];
  const random = new Random(3);
  const count = { read: 0, refused: 0, lost: 0 };
  let thread = new Hdf5Thread(DEADLINE);
  for (let i = 0; i < FILES; i++) {
    // A name of its own: the library takes a file that it left open for the same one.
    const path = join(folder, `${i}.hdf5`);
    writeFileSync(path, damage(samples[i % samples.length] as Buffer, random));
    try {
      await thread.ask({ kind: 'open', path });
      while ((await thread.ask({ kind: 'check' })).checked !== true);
      const { description } = await thread.ask({ kind: 'describe' });
      const keys = description?.keys.map(({ name }) => name) ?? [];
      for (const index of description?.recordings.keys() ?? []) await thread.ask({ kind: 'read', index, keys });
      await thread.ask({ kind: 'close' });
      count.read++;
    } catch (error) {
      expect(error).toBeInstanceOf(DemonstrationFileError);
      if (/took more than|thread/.test(String(error))) count.lost++;
      else count.refused++;
    }
    rmSync(path);
    if (thread.ended || i % 500 === 499) {
      await thread.terminate();
      thread = new Hdf5Thread(DEADLINE);
    }
  }
  await thread.terminate();
  expect(count.read + count.refused + count.lost).toBe(FILES);
  // Otherwise the damage was none.
  expect(count.refused).toBeGreaterThan(FILES / 10);
}, 3_600_000);
