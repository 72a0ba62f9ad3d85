import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Reply } from 'zeromq';
import { connectRemoteApi, decodeMessage, encodeMessage } from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { buildScene } from '../../../../src/bridge/coppeliasim/scene-builder/index.ts';
import { RecordedSim } from './recorded-sim.ts';

/** Answers the remote API with what a recorded simulator says. */
async function serve(sim: RecordedSim): Promise<string> {
  const socket = new Reply({ linger: 0 });
  await socket.bind('tcp://127.0.0.1:*');
  onTestFinished(() => socket.close());
  void (async () => {
    for await (const [message] of socket) {
      // What our own client sends.
      const { func, args } = decodeMessage(message as Buffer) as { func: string; args: unknown[] };
      let reply: unknown;
      try {
        const known = func.startsWith('sim.');
        reply = { ret: known ? await sim.call(func, args) : {} };
      } catch (error) {
        reply = { err: (error as Error).message };
      }
      await socket.send(encodeMessage(reply, { floats: 'smallest' }));
    }
  })();
  return socket.lastEndpoint as string; // It is bound.
}

test('a scene is built through a real remote API client as it is without, errors included', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-wire-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const scene = resolve(import.meta.dirname, '../../../fixtures/crane.xml');
  const [near, far] = [new RecordedSim(), new RecordedSim()];
  await buildScene(near, { out: join(folder, 'near.ttt'), scene });
  const client = await connectRemoteApi({ address: await serve(far) });
  onTestFinished(() => client.close());
  const { largestDistance } = await buildScene(client, { out: join(folder, 'far.ttt'), scene });
  expect(largestDistance).toBeLessThan(1e-6);
  expect([...far.objects.values()]).toEqual([...near.objects.values()]);
  far.failing = 'setShapeInertia';
  await expect(buildScene(client, { out: join(folder, 'again.ttt'), scene })).rejects.toThrow('told to fail');
  expect(far.calls.at(-1)).toBe('closeScene');
});
