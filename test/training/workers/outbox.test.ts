import { expect, test } from 'vitest';
import { Random } from '../../../src/common/random.ts';
import type { Chunk } from '../../../src/training/workers/chunk-builder.ts';
import { Outbox } from '../../../src/training/workers/outbox.ts';
import { Stream } from '../../../src/training/workers/stream.ts';

const chunk = (steps: number, bytes = 8): Chunk => ({
  ...{ steps, rows: 1, weights: 0, episodes: [], payload: new Uint8Array(bytes) },
});

/** Sends all that may be sent; returns the numbers. */
function send(outbox: Outbox, window: number): number[] {
  const sent: number[] = [];
  for (let entry = outbox.nextToSend(window); entry !== null; entry = outbox.nextToSend(window)) {
    outbox.markSent(entry);
    sent.push(entry.seq);
  }
  return sent;
}

test('no more goes out than the window has room for, but one message always does', () => {
  const outbox = new Outbox(1000);
  for (let i = 0; i < 4; i++) outbox.push(chunk(10));
  expect(send(outbox, 25)).toEqual([1, 2]);
  expect(send(outbox, 25)).toEqual([]);
  outbox.acknowledge({ received: 1, durable: 0 });
  expect(send(outbox, 25)).toEqual([3]);
  expect(outbox.stepsUnderWay).toBe(30);
  outbox.acknowledge({ received: 3, durable: 0 });
  expect(send(outbox, 5)).toEqual([4]);
});

test('what was received is kept until it is on disk, and sent again to a learner that does not have it', () => {
  const outbox = new Outbox(1000);
  for (let i = 0; i < 5; i++) outbox.push(chunk(1));
  send(outbox, 10);
  expect(outbox.acknowledge({ received: 4, durable: 2 })).toHaveLength(2);
  expect(outbox.oldest).toBe(3);
  outbox.restart(2);
  expect(outbox.stepsUnderWay).toBe(3);
  expect(send(outbox, 10)).toEqual([3, 4, 5]);
});

test('a message that got lost on the way is sent again, with all after it', () => {
  const outbox = new Outbox(1000);
  for (let i = 0; i < 4; i++) outbox.push(chunk(1));
  send(outbox, 10);
  outbox.rewind(1);
  expect(send(outbox, 10)).toEqual([2, 3, 4]);
});

test('memory is bounded: the oldest that were received are given up, what was not is never', () => {
  const outbox = new Outbox(100);
  for (let i = 0; i < 5; i++) outbox.push(chunk(1, 40));
  expect(outbox.retained).toBe(200);
  send(outbox, 10);
  outbox.acknowledge({ received: 4, durable: 0 });
  expect(outbox.retained).toBe(80);
  expect(outbox.dropped).toBe(3);
  expect(outbox.oldest).toBe(4);
});

test('over a line that loses, doubles and breaks, through deaths of the learner, each message counts exactly once', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new Random(seed);
    const outbox = new Outbox(1e6);
    let stream = new Stream(0);
    let learned: number[] = [];
    let disk = { state: stream.getState(), learned: [] as number[] };
    let acknowledged = 0;
    let pushed = 0;
    for (let turn = 0; turn < 400 || outbox.stepsUnderWay > 0; turn++) {
      if (turn < 400 && random.uniform() < 0.5) {
        outbox.push(chunk(1));
        pushed++;
      }
      const line: number[] = [];
      for (let entry = outbox.nextToSend(4); entry !== null; entry = outbox.nextToSend(4)) {
        outbox.markSent(entry);
        const luck = turn < 400 ? random.uniform() : 0.5;
        if (luck < 0.8) line.push(entry.seq);
        if (luck < 0.1) line.push(entry.seq);
      }
      for (const seq of line)
        if (stream.arrive(seq, outbox.oldest) === 'next') {
          learned.push(seq);
          stream.take(seq);
        }
      const luck = turn < 400 ? random.uniform() : 1;
      if (luck < 0.1) disk = { state: stream.getState(), learned: [...learned] };
      if (luck < 0.05) stream.markSaved();
      if (luck > 0.05 && luck < 0.08) {
        // The learner dies and goes on from its disk.
        stream = Stream.fromState(disk.state);
        learned = [...disk.learned];
        outbox.restart(stream.received);
      }
      acknowledged += outbox.acknowledge(stream).length;
      outbox.rewind(stream.accepted);
    }
    expect(learned).toEqual(Array.from({ length: pushed }, (_, i) => i + 1));
    expect(acknowledged).toBeLessThanOrEqual(disk.learned.length);
  }
});
