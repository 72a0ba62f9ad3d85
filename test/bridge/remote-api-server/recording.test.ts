import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { decodeMessage } from '../../../src/bridge/coppeliasim/remote-api/index.ts';
import { type RemoteApiServer, serveRemoteApi } from '../../../src/bridge/remote-api-server/index.ts';
import { RawClient } from './raw-client.ts';

/** What CoppeliaSim 4.10 answered to the official Python client, on the original scene: one exchange a line. */
const file = new URL('../../fixtures/coppeliasim-4.10/wire-recording.jsonl', import.meta.url);

interface Exchange {
  readonly func: string;
  readonly args: readonly unknown[];
  readonly reply: Record<string, unknown>;
}

interface Chapter {
  readonly note: string;
  readonly exchanges: Exchange[];
}

function chapters(): Chapter[] {
  const found: Chapter[] = [];
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const { note, send, recv } = JSON.parse(line) as { note?: string; send: string; recv: string };
    if (note !== undefined) {
      found.push({ note, exchanges: [] });
      continue;
    }
    const request = decodeMessage(Buffer.from(send, 'hex')) as { func: string; args: unknown[] };
    const reply = decodeMessage(Buffer.from(recv, 'hex')) as Record<string, unknown>;
    found.at(-1)?.exchanges.push({ func: request.func, args: request.args, reply });
  }
  return found;
}

/**
 * How far numbers may be from the recorded ones. The arm's base is where the manufacturer's kinematics fit the scene best,
 * to under 1 mm; the recorded quaternions are those of a scene turned by hand, off by 2e-4.
 */
const placeTolerance = 1.2e-3;
/** The embedded arm's servos take a few steps to the velocity that they are told, rad/s. */
const velocityTolerance = 0.02;

function expectSame(found: unknown, recorded: unknown, where: string, tolerance: number): void {
  // Of a function that CoppeliaSim has not, the server says more.
  if (typeof recorded === 'string' && recorded.startsWith('No such function'))
    expect(found, where).toMatch(`${recorded}. `);
  else if (typeof recorded === 'number' && typeof found === 'number')
    expect(Math.abs(found - recorded), `${where}: ${found}, recorded ${recorded}`).toBeLessThan(tolerance);
  else if (Array.isArray(recorded) && Array.isArray(found)) {
    expect(found, where).toHaveLength(recorded.length);
    for (const [i, item] of recorded.entries()) expectSame(found[i], item, where, tolerance);
  } else expect(found, where).toEqual(recorded);
}

/** Calls whose answers are another simulator's: how the world moves, what the scene's scripts do. */
const another = new Set([
  'zmqRemoteApi.info',
  'sim.getContactInfo',
  // Pausing takes a step in CoppeliaSim; it is immediate here, and so is stopping.
  'sim.getSimulationState',
  // There is no Lua here.
  'sim.createScript',
  'sim.initScript',
  'sim.callScriptFunction',
]);

let server: RemoteApiServer;
beforeAll(async () => {
  server = await serveRemoteApi({ port: 0 });
  return () => server.close();
});

test('every call of the recording is answered as CoppeliaSim answered it', async () => {
  const client = new RawClient(server);
  let compared = 0;
  for (const { note, exchanges } of chapters()) {
    for (const [index, { func, args, reply }] of exchanges.entries()) {
      // Waits and callbacks go their own way below; the recording's are passed over.
      if (func === '_*executed*_') continue;
      let answer = await client.ask(func, args);
      while (typeof answer.func === 'string')
        answer = await client.ask('_*executed*_', answer.func === '_*wait*_' ? [] : [42]);
      let recorded = reply;
      for (let next = index; 'func' in recorded; recorded = exchanges[++next]?.reply ?? {});
      if (another.has(func)) continue;
      const tolerance = func === 'sim.getJointVelocity' ? velocityTolerance : placeTolerance;
      expectSame(
        answer.ret ?? answer.err,
        recorded.ret ?? recorded.err,
        `${note}: ${func} ${JSON.stringify(args)}`,
        tolerance,
      );
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(90);
});

test('constants have the values of the recording', async () => {
  const client = new RawClient(server);
  const info = await client.value<Record<string, { const?: number }>>('zmqRemoteApi.info', 'sim');
  const recorded = chapters()[0]?.exchanges.find(({ func }) => func === 'zmqRemoteApi.info')?.reply.ret as [
    Record<string, { const?: number }>,
  ];
  const constants = Object.entries(recorded[0]).filter(([, entry]) => entry.const !== undefined);
  expect(constants.length).toBeGreaterThan(1300);
  for (const [name, entry] of constants) expect(info[name], name).toEqual(entry);
});

test('functions that are announced exist in CoppeliaSim too', async () => {
  const client = new RawClient(server);
  const info = await client.value<Record<string, object>>('zmqRemoteApi.info', 'sim');
  const recorded = chapters()[0]?.exchanges.find(({ func }) => func === 'zmqRemoteApi.info')?.reply.ret as [object];
  for (const [name, entry] of Object.entries(info)) if ('func' in entry) expect(recorded[0]).toHaveProperty([name]);
});
