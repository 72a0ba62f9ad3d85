import { join } from 'node:path';
import { AppendFile } from '../common/append-file.ts';
import { maskedCrc32c } from './crc32c.ts';

/*
 * An event file is a TFRecord file of Event messages. Field numbers are those of tensorflow/core/util/event.proto and
 * tensorflow/core/framework/summary.proto; only the few that scalars need are written.
 */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1, start: 1 } as const;
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Writes scalars as TensorBoard reads them: `tensorboard --logdir runs`. */
export class TensorBoardWriter {
  private readonly file: AppendFile;

  /**
   * Every start of a run has a file of its own.
   *
   * @param step where the run goes on, null if it begins; TensorBoard then drops what an earlier file says about later
   * steps.
   * @param now s since 1970.
   */
  constructor(directory: string, step: number | null, now: number, onProblem: (error: unknown) => void) {
    const name = `events.out.tfevents.${String(Math.floor(now)).padStart(10, '0')}.graspbridge.${process.pid}`;
    this.file = new AppendFile(join(directory, name), 0, onProblem);
    this.write([double(EVENT.wallTime, now), bytes(EVENT.fileVersion, Buffer.from('brain.Event:2'))]);
    if (step !== null)
      this.write([
        double(EVENT.wallTime, now),
        varint(EVENT.step, step),
        bytes(EVENT.sessionLog, varint(SESSION_LOG.status, SESSION_LOG.start)),
      ]);
  }

  /** Scalars of one step, by tag; `now` in s since 1970. */
  scalars(step: number, now: number, values: Readonly<Record<string, number>>): void {
    const summary = Object.entries(values).map(([tag, value]) =>
      bytes(SUMMARY_VALUE, Buffer.concat([bytes(VALUE.tag, Buffer.from(tag)), float(VALUE.simpleValue, value)])),
    );
    this.write([double(EVENT.wallTime, now), varint(EVENT.step, step), bytes(EVENT.summary, Buffer.concat(summary))]);
  }

  get path(): string {
    return this.file.path;
  }

  /** Returns whether all that was written is in the file. */
  close(): boolean {
    return this.file.close();
  }

  private write(fields: readonly Buffer[]): void {
    this.file.append(tfRecord(Buffer.concat(fields)));
  }
}

/** A TFRecord: length, its masked CRC, data, its masked CRC. Source: TensorFlow's guide to TFRecord. */
export function tfRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(data.byteLength + 16);
  record.writeBigUInt64LE(BigInt(data.byteLength), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(data, 12);
  record.writeUInt32LE(maskedCrc32c(data), 12 + data.byteLength);
  return record;
}

/** A field's number and kind, and unsigned integers, in base 128, low groups first. */
function base128(value: number): number[] {
  const groups: number[] = [];
  let rest = value;
  // Division, not shifts: step counts may pass 2^32.
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push((rest % 128) | 128);
  groups.push(rest);
  return groups;
}

function key(field: number, wire: number): number[] {
  return base128(field * 8 + wire);
}

function varint(field: number, value: number): Buffer {
  return Buffer.from([...key(field, WIRE.varint), ...base128(value)]);
}

function bytes(field: number, data: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([...key(field, WIRE.bytes), ...base128(data.byteLength)]), data]);
}

function double(field: number, value: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeDoubleLE(value);
  return Buffer.concat([Buffer.from(key(field, WIRE.fixed64)), number]);
}

function float(field: number, value: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeFloatLE(value);
  return Buffer.concat([Buffer.from(key(field, WIRE.fixed32)), number]);
}
