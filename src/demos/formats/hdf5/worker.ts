import { parentPort } from 'node:worker_threads';
import { File, ready } from 'h5wasm/node';
import { discardOutput } from '../../../common/discard-output.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { Hdf5Reply, Hdf5Request } from './messages.ts';
import { readData, readDemonstration } from './read-group.ts';
import { writeAttributes, writeDemonstration } from './write-group.ts';

/*
 * A thread of its own for the HDF5 library: a damaged file may make it stop for good or never end, and then only this
 * thread is lost. The library also puts `require` and `__dirname` among the globals, which must not be the program's.
 */

const port = parentPort;
if (port === null) throw new Error('This file is run as a worker thread.');

discardOutput();
const library = await ready;
// Otherwise the library prints its complaints itself.
library.activate_throwing_error_handler();

let file: File | null = null;
let broken = false;

function opened(): File {
  if (file === null) throw new DemonstrationFileError('no file is open');
  return file;
}

function answer(request: Hdf5Request): Hdf5Reply {
  switch (request.kind) {
    case 'open':
      file = new File(request.path, 'r');
      return { ok: true, opened: readData(file) };
    case 'read':
      return { ok: true, demonstration: readDemonstration(opened(), request.name) };
    case 'create':
      file = new File(request.path, 'w');
      file.create_group('data');
      return { ok: true };
    case 'write':
      writeDemonstration(opened(), request.name, request.demonstration);
      return { ok: true };
    case 'finish':
      writeAttributes(opened(), request.attributes);
      opened().flush();
      opened().close();
      file = null;
      return { ok: true };
    case 'close':
      file?.close();
      file = null;
      return { ok: true };
  }
}

/** Says that requests may come; without a reply's content. */
port.postMessage({ ok: true } satisfies Hdf5Reply);
port.on('message', (request: Hdf5Request) => {
  let reply: Hdf5Reply;
  try {
    reply = answer(request);
  } catch (error) {
    reply = { ok: false, reason: reasonOf(error) };
    // What the library did to its memory before it broke down is unknown.
    if (error instanceof Error && error.name === 'RuntimeError') broken = true;
  }
  port.postMessage(reply);
  if (broken) process.exit(1);
});

/** Our own words, or the innermost of the library's complaints, which comes last. */
function reasonOf(error: unknown): string {
  if (error instanceof DemonstrationFileError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  const complaints = [...message.matchAll(/^ *#\d+: .*\(\): (.*)$/gm)];
  return `the HDF5 library says: ${complaints.at(-1)?.[1] ?? message.split('\n')[0]}`;
}
