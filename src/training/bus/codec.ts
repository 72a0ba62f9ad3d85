import { Packr } from 'msgpackr';
import type { StateDict } from '../../common/state-dict.ts';
import { type ArrayEntry, allocate, bytesOf, entryOf, flatten, unflatten } from '../checkpoint-format.ts';
import { MessageRefused } from './errors.ts';
import { type DownMessage, downSchema, LIMITS, type UpMessage, upSchema } from './messages.ts';

// Plain MessagePack: no records, no extension types of msgpackr's own beyond what the schemas would let pass.
const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number', encodeUndefinedAsNil: false });

/** A message as it arrived: the envelope checked, the payload frames only counted and bounded. */
export interface Received<Message> {
  readonly message: Message;
  readonly payload: readonly Uint8Array[];
}

/** The envelope of a message, its first frame. */
export function encodeEnvelope(message: UpMessage | DownMessage): Buffer {
  return packr.pack(message);
}

/** Throws MessageRefused where it is none of a worker's messages. */
export function decodeUp(frames: readonly Uint8Array[]): Received<UpMessage> {
  const { envelope, payload } = unpack(frames);
  const parsed = upSchema.safeParse(envelope);
  if (!parsed.success) throw new MessageRefused('garbage', `it is none of a worker's messages.`);
  if (payload.length !== (parsed.data.kind === 'experience' ? 1 : 0))
    throw new MessageRefused('garbage', `a message "${parsed.data.kind}" came with ${payload.length} more frames.`);
  return { message: parsed.data, payload };
}

/** Throws MessageRefused where it is none of a learner's messages. */
export function decodeDown(frames: readonly Uint8Array[]): Received<DownMessage> {
  const { envelope, payload } = unpack(frames);
  const parsed = downSchema.safeParse(envelope);
  if (!parsed.success) throw new MessageRefused('garbage', `it is none of a learner's messages.`);
  const expected = parsed.data.kind === 'weights' ? parsed.data.arrays.length : 0;
  if (payload.length !== expected)
    throw new MessageRefused('garbage', `a message "${parsed.data.kind}" came with ${payload.length} more frames.`);
  return { message: parsed.data, payload };
}

function unpack(frames: readonly Uint8Array[]): { envelope: unknown; payload: readonly Uint8Array[] } {
  const [first, ...payload] = frames;
  if (first === undefined || first.byteLength === 0) throw new MessageRefused('garbage', 'it is empty.');
  if (frames.length > LIMITS.frames) throw new MessageRefused('oversized', `it has ${frames.length} frames.`);
  if (first.byteLength > LIMITS.envelope)
    throw new MessageRefused('oversized', `its envelope has ${first.byteLength} bytes.`);
  for (const frame of payload)
    if (frame.byteLength > LIMITS.frame)
      throw new MessageRefused('oversized', `a frame has ${frame.byteLength} bytes.`);
  try {
    return { envelope: packr.unpack(first), payload };
  } catch (error) {
    // Whatever the decoder makes of garbage, a stack too deep included, is one and the same to us.
    throw new MessageRefused('garbage', 'it is not MessagePack.', { cause: error });
  }
}

/** A state as a tree without its arrays, what they are, and the arrays' bytes where they lie. */
export function encodeState(state: StateDict): {
  readonly tree: unknown;
  readonly arrays: ArrayEntry[];
  readonly frames: Uint8Array[];
} {
  const { tree, arrays } = flatten(state);
  return {
    tree,
    arrays: arrays.map(entryOf),
    frames: arrays.map(array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
  };
}

/** The state again. Throws MessageRefused where frames and description do not fit. */
export function decodeState(tree: unknown, entries: readonly ArrayEntry[], frames: readonly Uint8Array[]): StateDict {
  const arrays = entries.map((entry, i) => {
    const frame = frames[i];
    if (frame === undefined || frame.byteLength !== bytesOf(entry))
      throw new MessageRefused(
        'garbage',
        `array ${i} of a state has ${frame?.byteLength ?? 'no'} bytes, not ${bytesOf(entry)}.`,
      );
    const array = allocate(entry);
    new Uint8Array(array.buffer).set(frame);
    return array;
  });
  try {
    return unflatten(tree, arrays);
  } catch (error) {
    throw new MessageRefused('garbage', `a state cannot be read: ${error instanceof Error ? error.message : error}.`, {
      cause: error,
    });
  }
}

/** A frame as numbers: where it lies if it lies well, else copied. Throws MessageRefused where its length is no multiple of 4. */
export function floatsOf(frame: Uint8Array): Float32Array {
  if (frame.byteLength % 4 !== 0)
    throw new MessageRefused('garbage', `${frame.byteLength} bytes are no float32 numbers.`);
  const aligned = frame.byteOffset % 4 === 0 ? frame : frame.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
