import { expect, test } from 'vitest';
import {
  connectRemoteApi,
  decodeMessage,
  RemoteApiError,
} from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { moduleFrom } from '../../../../src/bridge/coppeliasim/remote-api/modules.ts';
import { readReply } from '../../../../src/bridge/coppeliasim/remote-api/protocol.ts';
import { MessageError, ProtocolVersionError, SimulatorLostError } from '../../../../src/bridge/errors.ts';
import { Random } from '../../../../src/common/random.ts';
import { startPeer } from './peer.ts';
import { readRecording } from './recording.ts';

const replies = [...readRecording().values()].flat().map(({ recv }) => recv);
const short = replies.filter(({ length }) => length < 1000);
const table = replies.find(({ length }) => length > 60_000) as Buffer; // The table of sim's functions and constants.

/** One to four changes: bits, bytes, cuts, insertions, swaps with another reply, lengths that promise too much. */
function mutate(reply: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(reply);
  for (let change = 1 + random.integer(4); change > 0; change--) {
    const at = random.integer(bytes.length + 1);
    const kind = random.integer(7);
    if (kind === 0 && at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.integer(8));
    else if (kind === 1 && at < bytes.length) bytes[at] = random.integer(256);
    else if (kind === 2) bytes = bytes.subarray(0, at);
    else if (kind === 3)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([random.integer(256)]), bytes.subarray(at)]);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(8))]);
    else if (kind === 5) {
      const other = short[random.integer(short.length)] as Buffer;
      bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(random.integer(other.length))]);
    } else {
      // Bytes, text, a list or a map of up to 2^64 parts.
      const length = Buffer.alloc(9, 0xff);
      length[0] = ((2 + random.integer(4)) << 5) | (24 + random.integer(4));
      bytes = Buffer.concat([bytes.subarray(0, at), length, bytes.subarray(at)]);
    }
  }
  return bytes;
}

test('100,000 mutated replies give a value or a MessageError, in bounded memory and time', () => {
  const random = new Random(1);
  const before = process.memoryUsage().rss;
  let longest = 0;
  let values = 0;
  for (let i = 0; i < 100_000; i++) {
    const reply = mutate(i % 500 === 0 ? table : (short[random.integer(short.length)] as Buffer), random);
    const start = performance.now();
    try {
      const decoded = decodeMessage(reply);
      values++;
      const read = readReply(decoded);
      if (read.kind === 'results' && reply.length > 10_000) moduleFrom('sim', read.values[0], async () => []);
    } catch (error) {
      // A reply that says of itself whether it succeeded would be one of version 1.
      if (!(error instanceof MessageError) && !(error instanceof ProtocolVersionError)) throw error;
    }
    longest = Math.max(longest, performance.now() - start);
  }
  // Both kinds of outcome are many, or nothing would have been tried.
  expect(values).toBeGreaterThan(5_000);
  expect(values).toBeLessThan(95_000);
  // The longest message takes some milliseconds; a second is room for a busy machine.
  expect(longest).toBeLessThan(1000);
  expect(process.memoryUsage().rss - before).toBeLessThan(256 << 20);
});

test('a client that is answered with 400 mutated replies gives results or errors, and goes on', async () => {
  const random = new Random(2);
  let garbage = false;
  const peer = await startPeer(() =>
    garbage ? mutate(short[random.integer(short.length)] as Buffer, random) : { ret: [7] },
  );
  const client = await connectRemoteApi({ address: peer.address, timeout: 10 });
  const outcomes = new Set<string>();
  for (let i = 0; i < 400; i++) {
    garbage = true;
    const outcome = await client
      .call('sim.getObject', ['/target'])
      .then(() => 'values')
      .catch((error: unknown) => {
        const known =
          error instanceof MessageError ||
          error instanceof RemoteApiError ||
          error instanceof ProtocolVersionError ||
          error instanceof SimulatorLostError;
        if (!known) throw error;
        return error.name;
      });
    outcomes.add(outcome);
    garbage = false;
    // Whatever it was, the next honest answer is understood.
    expect(await client.call('sim.getObject', ['/target'])).toEqual([7]);
  }
  expect([...outcomes]).toEqual(expect.arrayContaining(['values', 'MessageError', 'RemoteApiError']));
  await client.close();
  peer.close();
});
