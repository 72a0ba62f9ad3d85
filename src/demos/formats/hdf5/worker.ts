import { parentPort } from 'node:worker_threads';
import { File, ready } from 'h5wasm/node';
import { discardOutput } from '../../../common/discard-output.ts';
import { DemonstrationFileError } from '../../errors.ts';
import { FileAccess } from './file-access.ts';
import { findLayout, type Layout } from './layouts/index.ts';
import type { Description, Hdf5Reply, Hdf5Request } from './messages.ts';
import { checkReferences, referenceError } from './references.ts';
import { writeAttributes, writeDemonstration } from './write-group.ts';

/*
 * A thread of its own for the HDF5 library: a damaged file may make it stop for good or never end, and then only this
 * thread is lost. The library also puts `require` and `__dirname` among the globals, which must not be the program's.
 */

/** How long one step of checking a file takes, ms: far less than the wait for an answer. */
const CHECK_TIME = 1000;

const port = parentPort;
if (port === null) throw new Error('This file is run as a worker thread.');

discardOutput();
const library = await ready;
// Otherwise the library prints its complaints itself.
library.activate_throwing_error_handler();
const access = new FileAccess(library);

let file: File | null = null;
let checking: Generator<void, void, void> | null = null;
let layout: Layout | null = null;
let broken = false;

function opened(): File {
  if (file === null) throw new DemonstrationFileError('no file is open');
  return file;
}

/** Nothing of a file is read before it is checked. */
function readable(): File {
  if (checking !== null) throw new DemonstrationFileError('it has not been checked');
  return opened();
}

function answer(request: Hdf5Request): Hdf5Reply {
  switch (request.kind) {
    case 'open':
      access.allow(request.path);
      file = new File(request.path, 'r');
      checking = checkReferences(library, file, access);
      return { ok: true };
    case 'check':
      return { ok: true, checked: check() };
    case 'describe':
      return { ok: true, description: describe(readable()) };
    case 'read': {
      layout ??= findLayout(readable());
      return { ok: true, demonstration: layout.read(request.index, request.keys) };
    }
    case 'create':
      access.allow(request.path);
      file = new File(request.path, 'w');
      file.create_group('data');
      return { ok: true };
    case 'write':
      writeDemonstration(opened(), request.name, request.demonstration);
      return { ok: true };
    case 'finish':
      writeAttributes(opened(), request.attributes);
      opened().flush();
      close();
      return { ok: true };
    case 'close':
      close();
      return { ok: true };
  }
}

/** Goes on checking for a while; whether that is done. */
function check(): boolean {
  for (const end = performance.now() + CHECK_TIME; checking !== null && performance.now() < end; )
    if (checking.next().done === true) checking = null;
  return checking === null;
}

function describe(checked: File): Description {
  layout = findLayout(checked);
  const { name, metadata, recordings, splits } = layout;
  return { layout: name, metadata, recordings, keys: layout.keys(), splits };
}

function close(): void {
  file?.close();
  file = null;
  checking = null;
  layout = null;
}

/** Says that requests may come; without a reply's content. */
port.postMessage({ ok: true } satisfies Hdf5Reply);
port.on('message', (request: Hdf5Request) => {
  let reply: Hdf5Reply;
  try {
    reply = answer(request);
    // The library may have filled in numbers of its own for those of a file that it could not open.
    const denied = access.takeDenied();
    if (denied !== null) throw referenceError(denied);
  } catch (error) {
    // Checking a file makes the library fail to see what it tries to open.
    const clean = error instanceof DemonstrationFileError && request.kind !== 'check';
    reply = { ok: false, reason: reasonOf(error), clean };
    // What the library did to its memory before it broke down is unknown.
    if (error instanceof Error && error.name === 'RuntimeError') broken = true;
  }
  port.postMessage(reply);
  if (broken) process.exit(1);
});

/** Our own words, or the innermost of the library's complaints, which comes last. */
function reasonOf(error: unknown): string {
  const denied = access.takeDenied();
  if (error instanceof DemonstrationFileError) return error.message;
  if (denied !== null) return referenceError(denied).message;
  const message = error instanceof Error ? error.message : String(error);
  const complaints = [...message.matchAll(/^ *#\d+: .*\(\): (.*)$/gm)];
  return `the HDF5 library says: ${complaints.at(-1)?.[1] ?? message.split('\n')[0]}`;
}
