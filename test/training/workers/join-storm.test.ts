import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Context } from 'zeromq';
import { LearnerLink } from '../../../src/training/workers/learner-link.ts';
import { freePort } from '../../chaos/processes.ts';
import { BareWorker, HELLO, LAYOUT, openHub, until } from './bare-worker.ts';

/** Below the number of workers that a learner welcomes. */
const HONEST = 1_000;
const FALSE = 100;

test('WorkerHub answers 1,000 workers that join at once, and refuses those who may not', async () => {
  const context = new Context({ maxSockets: 4_096, blocky: false });
  const { hub, address } = await openHub();
  const open = (count: number) => Array.from({ length: count }, () => new BareWorker(address, undefined, context));
  const [honest, spies, old, garbage] = [open(HONEST), open(FALSE), open(FALSE), open(FALSE)];
  const hello = () =>
    Promise.all([
      ...honest.map((worker, i) => worker.send({ ...HELLO, worker: `honest-${i}` })),
      ...spies.map((worker, i) => worker.send({ ...HELLO, worker: `spy-${i}`, secret: 'guess' })),
      ...old.map((worker, i) => worker.send({ ...HELLO, worker: `old-${i}`, protocol: 99 })),
      ...garbage.map((worker, i) => worker.send(Buffer.alloc(1 + i, 0xc1))),
    ]);
  // Those who come before the learner is ready are welcomed all together.
  await hello();
  hub.start({ run: 'this-run', random: true, layout: LAYOUT });
  hub.publish(1, { actor: new Float32Array(10_000) });
  // As workers do until they are welcomed.
  await hello();
  await Promise.all(honest.map(worker => worker.next('weights')));
  await Promise.all([...spies, ...old].map(worker => worker.next('refused')));
  expect(hub.routes.size).toBe(HONEST);
  const welcomes = honest.flatMap(worker => worker.heard.flatMap(said => (said.kind === 'welcome' ? [said] : [])));
  expect(new Set(welcomes.map(({ index }) => index)).size).toBe(HONEST);
  await until(() => (hub.refusals.toJSON().garbage ?? 0) >= 2 * FALSE, 'the garbage refused');
  expect(hub.refusals.toJSON()).toEqual({ garbage: 200, unauthorized: 200, protocol: 200 });
  // A word to all of them at once, and the last one.
  for (let version = 2; version < 5; version++) hub.publish(version, { actor: new Float32Array(10_000) });
  hub.markSaved();
  hub.markSaved();
  await hub.close();
  await Promise.all(honest.map(worker => worker.next('bye')));
});

test('200 workers that wait for a learner which was killed rejoin the next one', async () => {
  const port = await freePort();
  const start = () => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'hub-process.ts'), `${port}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stdout.on('data', chunk => {
      said += chunk;
    });
    return { child, said: () => said };
  };
  const ends: unknown[] = [];
  const welcomed = new Map<number, number>();
  const links = Array.from(
    { length: 200 },
    (_, i) =>
      new LearnerLink(
        { address: `tcp://127.0.0.1:${port}`, secret: 'secret' },
        {
          welcomed: () => void welcomed.set(i, (welcomed.get(i) ?? 0) + 1),
          acknowledged: () => {},
          weights: () => {},
          ended: how => ends.push(how),
        },
      ),
  );
  const idle = { simulating: 0, acting: 0, waiting: 0, memory: 0, retained: 0, dropped: 0 };
  const beating = setInterval(() => {
    for (const link of links) void link.say({ kind: 'beat', ...idle });
  }, 250);
  onTestFinished(async () => {
    clearInterval(beating);
    await Promise.all(links.map(link => link.close()));
  });
  const first = start();
  await until(() => first.said().includes('connected 200'), 'all 200 joined');
  first.child.kill('SIGKILL');
  const second = start();
  await until(() => second.said().includes('connected 200'), 'all 200 joined again');
  await until(() => [...welcomed.values()].filter(times => times >= 2).length === 200, 'each welcomed twice');
  expect(ends).toEqual([]);
});
