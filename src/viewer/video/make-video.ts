import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { writeFileAtomically } from '../../common/atomic-file.ts';
import { UsageError } from '../../common/errors.ts';
import { VideoError } from '../errors.ts';
import { type Hello, PROTOCOL_VERSION, type VideoOrder } from '../protocol.ts';
import { pageDirectory } from '../server/build-page.ts';
import { ViewerServer } from '../server/server.ts';
import type { Film } from './film.ts';
import { findBrowser, HEADLESS_ARGUMENTS } from './find-browser.ts';

/** A browser that has not come to the page by then does not work, ms. */
const START = 60_000;
/** For each picture, ms: drawn without a graphics processor, on a busy machine. */
const PER_PICTURE = 5000;

/** The format that a file's name says. Throws UsageError for another one. */
export function videoFormat(path: string): VideoOrder['format'] {
  const extension = extname(path).toLowerCase().slice(1);
  if (extension === 'mp4' || extension === 'webm' || extension === 'gif') return extension;
  throw new UsageError(`A video is written as .mp4, .webm or .gif, but it is to be ${path}.`);
}

/** Throws VideoError where no browser is installed that could make a video. */
export function checkBrowser(): string {
  const browser = findBrowser();
  if (browser !== null) return browser;
  throw new VideoError(
    'Making a video needs an installed Chromium or Chrome, and none was found. Install one (apt install chromium), or set CHROMIUM_PATH.',
  );
}

/**
 * Makes a video of a film with the page in a browser without a window.
 *
 * Throws VideoError where there is no browser, or it cannot.
 */
export async function makeVideo(
  film: Film,
  path: string,
  size: { readonly width: number; readonly height: number } = { width: 960, height: 640 },
): Promise<void> {
  const format = videoFormat(path);
  const browser = checkBrowser();
  const order: VideoOrder = {
    format,
    ...size,
    rate: format === 'gif' ? 20 : 40,
    period: film.period,
    frames: film.frames.length,
  };
  const hello: Hello = {
    ...{ type: 'hello', protocol: PROTOCOL_VERSION, title: 'video', scene: film.description, video: order },
    ...{ playback: false, teleoperation: false, recording: false, training: false, actionNames: [], jointLimits: [] },
  };
  let finish: (upload: Uint8Array | Error) => void = () => {};
  let arrived: () => void = () => {};
  const upload = new Promise<Uint8Array | Error>(resolve => {
    finish = resolve;
  });
  const visit = new Promise<void>(resolve => {
    arrived = resolve;
  });
  const server = await ViewerServer.start({
    page: await pageDirectory(),
    onUpload: given => finish(given),
    onClient: client => {
      client.send(hello);
      for (const frame of film.frames) client.sendBytes(frame);
      arrived();
    },
  });
  const profile = mkdtempSync(join(tmpdir(), 'graspbridge-browser-'));
  const child = spawn(
    browser,
    [
      ...HEADLESS_ARGUMENTS,
      // Root, in containers, has no sandbox.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${profile}`,
      `--window-size=${size.width},${size.height}`,
      server.url,
    ],
    { stdio: 'ignore', detached: process.platform !== 'win32' },
  );
  child.on('error', cause => finish(new Error(`starting ${browser} failed: ${cause.message}`)));
  child.on('exit', code => finish(new Error(`${browser} ended by itself, with ${code}`)));
  const late = (milliseconds: number, what: string) => {
    const timer = setTimeout(() => finish(new Error(what)), milliseconds);
    return () => clearTimeout(timer);
  };
  const started = late(START, `${browser} did not open the page within ${START / 1000} s`);
  void visit.then(started);
  const pictures = film.frames.length * film.period * order.rate;
  const done = late(START + PER_PICTURE * pictures, 'it took too long');
  try {
    const bytes = await upload;
    if (bytes instanceof Error)
      throw new VideoError(`Making the video ${path} failed: ${bytes.message}.`, { cause: bytes });
    writeFileAtomically(path, [bytes]);
  } finally {
    started();
    done();
    end(child.pid);
    await server.close();
    // Its last processes may still be writing there.
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Ends the browser with all its processes, which are a group of their own. */
function end(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
