import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import { makeEnv } from '../../src/envs/index.ts';
import { checkVideo, Film, makeVideo, VideoError, videoFormat } from '../../src/viewer/index.ts';
import { decodePoseFrame } from '../../src/viewer/pose-frame.ts';
import { findBrowser } from '../../src/viewer/video/find-browser.ts';
import { temporaryFolder } from '../training/run-files.ts';
import { BROWSER } from './browser.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

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

/** Whether any process was started with this in its arguments. */
const running = (text: string) => spawnSync('pgrep', ['-f', text]).status === 0;

test.skipIf(BROWSER === null)(
  'a video that is given up on the way leaves no file, no browser, and no profile',
  async () => {
    const film = await filmOf(3);
    // So long that it cannot be ready before it is given up.
    film.frames.push(...Array.from({ length: 200 }, () => film.frames[0] as Uint8Array)); // The reset.
    const folder = temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    const controller = new AbortController();
    const shares: number[] = [];
    const video = makeVideo(film, join(folder, 'film.webm'), {
      ...{ width: 160, height: 120, signal: controller.signal },
      onProgress: share => {
        shares.push(share);
        controller.abort();
      },
    });
    await expect(video).rejects.toThrow('aborted');
    expect(shares[0]).toBeGreaterThan(0);
    expect(shares[0]).toBeLessThanOrEqual(1);
    // Processes that were killed take a moment to be gone.
    await expect.poll(() => running(folder), { timeout: 20_000 }).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  },
  120_000,
);

test.skipIf(BROWSER === null)('a process that leaves at once takes its browser along', async () => {
  const folder = temporaryFolder();
  const script = `
    import { HeadlessBrowser } from '${pathToFileURL(join(import.meta.dirname, '../../src/viewer/video/headless-browser.ts'))}';
    new HeadlessBrowser('${BROWSER}', 'about:blank', { width: 160, height: 120 }, console.error);
    setTimeout(() => process.exit(7), 1500);`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const { status, stderr } = spawnSync(process.execPath, args, { env: { ...process.env, TMPDIR: folder } });
  expect(status, String(stderr)).toBe(7);
  await expect.poll(() => running(join(folder, 'graspbridge-browser-')), { timeout: 20_000 }).toBe(false);
  expect(readdirSync(folder).filter(name => name.startsWith('graspbridge-browser-') || name.includes('hrom'))).toEqual(
    [],
  );
});

test.skipIf(BROWSER === null)('a process that is killed takes its browser along', async () => {
  const folder = temporaryFolder();
  const script = `
    import { HeadlessBrowser } from '${pathToFileURL(join(import.meta.dirname, '../../src/viewer/video/headless-browser.ts'))}';
    new HeadlessBrowser('${BROWSER}', 'about:blank', { width: 160, height: 120 }, console.error);
    setTimeout(() => {}, 1e6);`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, args, { env: { ...process.env, TMPDIR: folder }, stdio: 'ignore' });
  const profile = join(folder, 'graspbridge-browser-');
  await expect.poll(() => running(profile), { timeout: 60_000 }).toBe(true);
  child.kill('SIGKILL');
  await expect.poll(() => running(profile), { timeout: 60_000 }).toBe(false);
});

test('another format is refused, and so is a browser that is not there', () => {
  expect(() => videoFormat('film.avi')).toThrow(UsageError);
  expect(videoFormat('FILM.MP4')).toBe('mp4');
  expect(() => checkVideo(join(temporaryFolder(), 'nowhere', 'film.mp4'))).toThrow(/there is no folder/);
  expect(() => findBrowser({ CHROMIUM_PATH: '/nowhere/chromium' })).toThrow(VideoError);
});

test('a film shows the goal that is to be reached', async () => {
  const film = new Film();
  const env = await makeEnv('SawyerReach-v1', { tolerance: 0.03 }, { around: simulator => film.around(simulator) });
  await env.reset({ options: { targetPosition: [0.25, -0.1, 1] } });
  await env.reset({ options: { targetPosition: [0.3, 0.1, 1.1] } });
  await env.step(new Float32Array(3));
  await env.close();
  const [first, last] = [film.frames[0], film.frames.at(-1)].map(
    frame => decodePoseFrame((frame as Uint8Array).buffer as ArrayBuffer), // Both are there, each in memory of its own.
  );
  expect([...(first?.marks ?? [])]).toEqual([0.25, -0.1, 1, 0.03].map(Math.fround));
  expect([...(last?.marks ?? [])]).toEqual([0.3, 0.1, 1.1, 0.03].map(Math.fround));
  // The block that lies on the table is none of it.
  expect(last?.contacts).toHaveLength(0);
});

test('an environment without a scene cannot be filmed', async () => {
  await expect(makeVideo(new Film(), join(temporaryFolder(), 'film.webm'))).rejects.toThrow(
    /nothing to film|installed Chromium/,
  );
});
