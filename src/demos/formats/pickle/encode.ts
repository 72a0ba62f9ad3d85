import { type Step, sameBits } from '../../episode.ts';
import { type OperationName, opcode } from './operations.ts';

/** Slots of the memo. Putting into one again replaces what is there, so that Python need not keep it all. */
const SLOT = { reconstruct: 0, ndarray: 1, emptyShape: 2, bytesType: 3, float32: 4, lastState: 5 } as const;
/** As many items as Python's own pickler appends at once. */
const BATCH = 1000;

const operation = (name: OperationName, ...bytes: number[]) => Buffer.from([opcode(name), ...bytes]);
const put = (slot: number) => operation('BINPUT', slot);
const get = (slot: number) => operation('BINGET', slot);
const text = (value: string) => Buffer.concat([operation('SHORT_BINUNICODE', value.length), Buffer.from(value)]);
const global = (module: string, name: string) =>
  Buffer.concat([operation('GLOBAL'), Buffer.from(`${module}\n${name}\n`)]);

function integer(value: number): Buffer {
  if (value < 0x100) return operation('BININT1', value);
  const bytes = Buffer.alloc(5);
  bytes[0] = opcode('BININT');
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = opcode('BINFLOAT');
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/**
 * The list's beginning: what all arrays are made with goes into the memo first.
 *
 * Protocol 4, and the names that numpy 1 gave: numpy 2 still knows them, numpy 1 knows no others.
 */
function beginning(): Buffer {
  const keep = (slot: number, ...parts: Buffer[]) => Buffer.concat([...parts, put(slot), operation('POP')]);
  return Buffer.concat([
    operation('PROTO', 4),
    keep(SLOT.reconstruct, global('numpy.core.multiarray', '_reconstruct')),
    keep(SLOT.ndarray, global('numpy', 'ndarray')),
    keep(SLOT.emptyShape, integer(0), operation('TUPLE1')),
    keep(SLOT.bytesType, operation('SHORT_BINBYTES', 1, 0x62)),
    keep(
      SLOT.float32,
      global('numpy', 'dtype'),
      ...[text('f4'), operation('NEWFALSE'), operation('NEWTRUE'), operation('TUPLE3'), operation('REDUCE')],
      // Version, byte order, and nothing of what only structured types have.
      ...[operation('MARK'), integer(3), text('<'), operation('NONE'), operation('NONE'), operation('NONE')],
      ...[operation('BININT', 255, 255, 255, 255), operation('BININT', 255, 255, 255, 255), integer(0)],
      ...[operation('TUPLE'), operation('BUILD')],
    ),
    operation('EMPTY_LIST'),
  ]);
}

const ARRAY_BEGINNING = Buffer.concat([
  ...[get(SLOT.reconstruct), get(SLOT.ndarray), get(SLOT.emptyShape), get(SLOT.bytesType)],
  ...[operation('TUPLE3'), operation('REDUCE'), operation('MARK'), integer(1)],
]);

/** A float32 array of one dimension. */
function array(values: Float32Array): Buffer {
  const length = Buffer.alloc(5);
  length[0] = opcode('BINBYTES');
  length.writeUInt32LE(values.byteLength, 1);
  return Buffer.concat([
    ARRAY_BEGINNING,
    ...[integer(values.length), operation('TUPLE1'), get(SLOT.float32), operation('NEWFALSE')],
    ...[length, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
    ...[operation('TUPLE'), operation('BUILD')],
  ]);
}

/** Writes the list `(state, action, reward, next_state, done)` a transition at a time. */
export class TransitionEncoder {
  private count = 0;
  private lastState: Float32Array | null = null;

  /** The bytes of one more transition. A state that was the last one's next state is that very array in Python too. */
  add({ observation, action, reward, nextObservation }: Step, done: boolean): Buffer {
    const again = this.lastState !== null && sameBits(this.lastState, observation);
    const parts = [
      ...(this.count === 0 ? [beginning()] : []),
      ...(this.count % BATCH === 0 ? [...(this.count > 0 ? [operation('APPENDS')] : []), operation('MARK')] : []),
      ...[operation('MARK'), again ? get(SLOT.lastState) : array(observation), array(action), double(reward)],
      ...[array(nextObservation), put(SLOT.lastState), operation(done ? 'NEWTRUE' : 'NEWFALSE'), operation('TUPLE')],
    ];
    this.count++;
    this.lastState = nextObservation;
    return Buffer.concat(parts);
  }

  /** The bytes that end the list. */
  end(): Buffer {
    if (this.count === 0) return Buffer.concat([beginning(), operation('STOP')]);
    return Buffer.concat([operation('APPENDS'), operation('STOP')]);
  }
}
