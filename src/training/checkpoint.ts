import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileOperations, writeFileAtomically } from '../common/atomic-file.ts';
import { UsageError } from '../common/errors.ts';
import { checkRegularFile, openingReason } from '../common/regular-file.ts';
import type { StateDict } from '../common/state-dict.ts';
import {
  allocate,
  bytesOf,
  type CheckpointHeader,
  type CheckpointMeta,
  DIGEST_BYTES,
  entryOf,
  FORMAT_VERSION,
  flatten,
  MAGIC,
  MAX_HEADER_BYTES,
  PREFIX_BYTES,
  padded,
  parseHeader,
  type StateArray,
  unflatten,
} from './checkpoint-format.ts';
import { CheckpointDamagedError, CheckpointWriteError } from './errors.ts';

export interface Checkpoint {
  readonly meta: CheckpointMeta;
  readonly state: StateDict;
}

/**
 * Writes a checkpoint, whole or not at all, into a folder that is there. The state's arrays go to the file from where they lie, without a copy.
 *
 * Throws CheckpointWriteError where the disk refuses; nothing is left behind then.
 */
export function writeCheckpoint(path: string, checkpoint: Checkpoint, operations?: FileOperations): void {
  const { tree, arrays } = flatten(checkpoint.state);
  const header: CheckpointHeader = {
    format: 'graspbridge-checkpoint',
    meta: checkpoint.meta,
    state: tree,
    arrays: arrays.map(entryOf),
  };
  try {
    writeFileAtomically(path, chunksOf(header, arrays), operations);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CheckpointWriteError(
      `Writing the checkpoint ${path} failed: ${reason}. Checkpoints written before are untouched; free some space on that disk.`,
      { cause: error },
    );
  }
}

function* chunksOf(header: CheckpointHeader, arrays: readonly StateArray[]): Generator<Uint8Array> {
  const hash = createHash('sha256');
  const hashed = (bytes: Uint8Array) => {
    hash.update(bytes);
    return bytes;
  };
  const json = JSON.stringify(header);
  const text = Buffer.from(json + ' '.repeat(padded(Buffer.byteLength(json)) - Buffer.byteLength(json)));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.set(MAGIC);
  prefix.writeUInt32LE(FORMAT_VERSION, 8);
  prefix.writeUInt32LE(text.byteLength, 12);
  yield hashed(prefix);
  yield hashed(text);
  for (const array of arrays) {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    if (bytes.byteLength > 0) yield hashed(bytes);
    const rest = padded(bytes.byteLength) - bytes.byteLength;
    if (rest > 0) yield hashed(new Uint8Array(rest));
  }
  yield hash.digest();
}

/** Reads a checkpoint whole. Throws CheckpointDamagedError naming the file and what is wrong with it. */
export function readCheckpoint(path: string): Checkpoint {
  return withFile(path, descriptor => {
    const hash = createHash('sha256');
    const { header, position: start } = readHeader(descriptor, bytes => hash.update(bytes));
    let position = start;
    const arrays = header.arrays.map(entry => {
      const array = allocate(entry);
      const whole = Buffer.alloc(padded(array.byteLength));
      readExactly(descriptor, whole, position);
      hash.update(whole);
      new Uint8Array(array.buffer).set(whole.subarray(0, array.byteLength));
      position += whole.byteLength;
      return array;
    });
    const digest = Buffer.alloc(DIGEST_BYTES);
    readExactly(descriptor, digest, position);
    if (!hash.digest().equals(digest)) throw new RangeError('its checksum does not match its contents');
    return { meta: header.meta, state: unflatten(header.state, arrays) };
  });
}

/** Reads what a checkpoint says about itself; its arrays stay unread and its checksum unchecked. */
export function readCheckpointMeta(path: string): CheckpointMeta {
  return withFile(path, descriptor => readHeader(descriptor, () => {}).header.meta);
}

function readHeader(descriptor: number, seen: (bytes: Uint8Array) => void) {
  const size = fstatSync(descriptor).size;
  if (size < PREFIX_BYTES + DIGEST_BYTES) throw new RangeError(`it is only ${size} bytes long`);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  readExactly(descriptor, prefix, 0);
  if (!prefix.subarray(0, MAGIC.length).equals(MAGIC)) throw new RangeError('it is not a graspbridge checkpoint');
  const version = prefix.readUInt32LE(8);
  if (version !== FORMAT_VERSION)
    throw new RangeError(`it has format version ${version}, and this program reads version ${FORMAT_VERSION}`);
  const headerBytes = prefix.readUInt32LE(12);
  if (headerBytes > MAX_HEADER_BYTES || PREFIX_BYTES + headerBytes + DIGEST_BYTES > size)
    throw new RangeError(`its header would be ${headerBytes} bytes long, in a file of ${size}`);
  const text = Buffer.alloc(headerBytes);
  readExactly(descriptor, text, PREFIX_BYTES);
  const header = parseHeader(text.toString('utf8'));
  // Checked before anything is allocated: a header may claim any length.
  const arrayBytes = header.arrays.reduce((sum, entry) => sum + padded(bytesOf(entry)), 0);
  const expected = PREFIX_BYTES + headerBytes + arrayBytes + DIGEST_BYTES;
  if (expected !== size) throw new RangeError(`it is ${size} bytes long instead of ${expected}`);
  seen(prefix);
  seen(text);
  return { header, position: PREFIX_BYTES + headerBytes };
}

function readExactly(descriptor: number, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.byteLength; ) {
    const count = readSync(descriptor, into, done, Math.min(into.byteLength - done, 1 << 30), position + done);
    if (count === 0) throw new RangeError('it ends too early');
    done += count;
  }
}

function withFile<T>(path: string, use: (descriptor: number) => T): T {
  let descriptor: number;
  try {
    checkRegularFile(path);
    descriptor = openSync(path, 'r');
  } catch (error) {
    const reason = error instanceof UsageError ? error.message : openingReason(error);
    throw new CheckpointDamagedError(`Reading the checkpoint ${path} failed: ${reason}.`, { cause: error });
  }
  try {
    return use(descriptor);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CheckpointDamagedError(
      `Reading the checkpoint ${path} failed: ${reason}. It was left as it is; use another checkpoint of its run.`,
      { cause: error },
    );
  } finally {
    closeSync(descriptor);
  }
}
