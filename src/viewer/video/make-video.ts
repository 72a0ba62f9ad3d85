import { statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { writeFileAtomically } from '../../common/atomic-file.ts';
import { closeAfter } from '../../common/close-all.ts';
import { UsageError } from '../../common/errors.ts';
import { irregularFile } from '../../common/regular-file.ts';
import { VideoError } from '../errors.ts';
import { type Hello, PROTOCOL_VERSION, type VideoOrder } from '../protocol.ts';
import { pageDirectory } from '../server/build-page.ts';
import { ViewerServer } from '../server/server.ts';
import type { Film } from './film.ts';
import { findBrowser } from './find-browser.ts';
import { HeadlessBrowser } from './headless-browser.ts';

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

/**
 * Checks what can be checked before anything is filmed.
 *
 * Throws UsageError where no video can be written to `path`, VideoError where no browser is installed that could make it.
 */
export function checkVideo(path: string): void {
  videoFormat(path);
  const kind = irregularFile(path);
  if (kind !== null) throw new UsageError(`The video cannot be written to ${path}: it is ${kind}.`);
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`The video cannot be written to ${path}: there is no folder ${folder}. Make it first.`);
  browserProgram();
}

function browserProgram(): string {
  const browser = findBrowser();
  if (browser !== null) return browser;
  throw new VideoError(
    'Making a video needs an installed Chromium or Chrome, and none was found. Install one (apt install chromium), or set CHROMIUM_PATH.',
  );
}

export interface VideoOptions {
  /** Pixels; 960 × 640 by default. */
  readonly width?: number;
  readonly height?: number;
  /** Gives the video up: nothing is written. */
  readonly signal?: AbortSignal;
  /** Told now and then which share of the pictures is made. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Makes a video of a film with the page in a browser without a window.
 *
 * Throws VideoError where there is no browser, or it cannot; the signal's reason once it is aborted.
 */
export async function makeVideo(film: Film, path: string, options: VideoOptions = {}): Promise<void> {
  const { width = 960, height = 640, signal, onProgress } = options;
  const format = videoFormat(path);
  const program = browserProgram();
  const order: VideoOrder = {
    ...{ format, width, height },
    rate: format === 'gif' ? 20 : 40,
    period: film.period,
    frames: film.frames.length,
  };
  const pictures = film.frames.length * film.period * order.rate;
  const hello: Hello = {
    ...{ type: 'hello', protocol: PROTOCOL_VERSION, title: 'video', scene: film.description, video: order },
    ...{ playback: false, teleoperation: false, handingBack: false, recording: false, training: false },
    ...{ actionNames: [], jointLimits: [] },
  };
  let finish: (upload: Uint8Array | Error) => void = () => {};
  const upload = new Promise<Uint8Array | Error>(resolve => {
    finish = resolve;
  });
  const late = (milliseconds: number, what: string) => {
    const timer = setTimeout(() => finish(new Error(what)), milliseconds);
    return () => clearTimeout(timer);
  };
  const page = await pageDirectory();
  const server = await ViewerServer.start({
    page,
    onUpload: given => finish(given),
    onClient: client => {
      started();
      client.send(hello);
      for (const frame of film.frames) client.sendBytes(frame);
    },
    onMessage: message => {
      if (message.type === 'filmed') onProgress?.(Math.min(1, message.pictures / pictures));
    },
  });
  const started = late(START, `${program} did not open the page within ${START / 1000} s`);
  const done = late(START + PER_PICTURE * pictures, 'it took too long');
  const giveUp = () => finish(new Error('it was given up'));
  signal?.addEventListener('abort', giveUp);
  let browser: HeadlessBrowser | null = null;
  return closeAfter(
    async () => {
      try {
        signal?.throwIfAborted();
        browser = new HeadlessBrowser(program, server.url, order, reason => finish(new Error(reason)));
        const bytes = await upload;
        if (bytes instanceof Error) throw bytes;
        writeFileAtomically(path, [bytes]);
      } catch (cause) {
        signal?.throwIfAborted();
        const message = cause instanceof Error ? cause.message : cause;
        throw new VideoError(`Making the video ${path} failed: ${message}.`, { cause });
      }
    },
    () => {
      signal?.removeEventListener('abort', giveUp);
      started();
      done();
    },
    () => browser?.close(),
    server,
  );
}
