import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import { makeEnv } from '../../src/envs/index.ts';
import { Film, makeVideo, VideoError, videoFormat } from '../../src/viewer/index.ts';
import { findBrowser } from '../../src/viewer/video/find-browser.ts';
import { temporaryFolder } from '../training/run-files.ts';
import { BROWSER } from './browser.ts';

/** A film of a reset and so many steps. */
async function filmOf(steps: number): Promise<Film> {
  const film = new Film();
  const env = await makeEnv('SawyerGrasp-v1', {}, { around: simulator => film.around(simulator) });
  await env.reset({ seed: 1 });
  for (let step = 0; step < steps; step++) await env.step(new Float32Array(7).fill(0.5));
  await env.close();
  return film;
}

/** How files of each format begin: EBML's header, ISO base media's first box, GIF's signature. */
const BEGINNINGS = [
  ['webm', (bytes: Buffer) => bytes.subarray(0, 4).toString('hex') === '1a45dfa3'],
  ['mp4', (bytes: Buffer) => bytes.subarray(4, 8).toString('latin1') === 'ftyp'],
  ['gif', (bytes: Buffer) => bytes.subarray(0, 6).toString('latin1') === 'GIF89a'],
] as const;

test.skipIf(BROWSER === null).each(BEGINNINGS)('a film becomes a %s', async (format, isOne) => {
  const film = await filmOf(3);
  expect(film.frames).toHaveLength(4);
  const path = join(temporaryFolder(), `film.${format}`);
  await makeVideo(film, path, { width: 160, height: 120 });
  const bytes = readFileSync(path);
  expect(isOne(bytes)).toBe(true);
  expect(bytes.byteLength).toBeGreaterThan(1000);
});

test('another format is refused, and so is a browser that is not there', () => {
  expect(() => videoFormat('film.avi')).toThrow(UsageError);
  expect(videoFormat('FILM.MP4')).toBe('mp4');
  expect(() => findBrowser({ CHROMIUM_PATH: '/nowhere/chromium' })).toThrow(VideoError);
});

test('an environment without a scene cannot be filmed', async () => {
  await expect(makeVideo(new Film(), join(temporaryFolder(), 'film.webm'))).rejects.toThrow(
    /nothing to film|installed Chromium/,
  );
});
