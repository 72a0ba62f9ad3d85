import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Prepare,
  type SupervisedCoppeliaSim,
  type SupervisorOptions,
  superviseCoppeliaSim,
} from '../../../../src/bridge/coppeliasim/supervisor/index.ts';
import { fakeCoppeliaSim, isAlive } from './fake-installation.ts';

async function supervise(options: SupervisorOptions, prepare?: Prepare): Promise<SupervisedCoppeliaSim> {
  const supervised = await superviseCoppeliaSim(options, prepare);
  onTestFinished(() => supervised.close());
  return supervised;
}

test('what dies later is started again, and its scene loaded and prepared again', async () => {
  const fake = await fakeCoppeliaSim(['later', 'answers']);
  const scene = join(fake.folder, 'scene.ttt');
  writeFileSync(scene, '');
  const prepared: string[] = [];
  const supervised = await supervise({ ...fake.options, scene, log: join(fake.folder, 'log') }, async address => {
    prepared.push(address);
  });
  const lost: Error[] = [];
  supervised.on('lost', reason => lost.push(reason));
  await once(supervised, 'running');
  expect(supervised.info.generation).toBe(1);
  expect(lost.map(error => error.message).join()).toContain('ended with code 5');
  expect(prepared).toHaveLength(2);
  const loads = () => readFileSync(join(fake.folder, 'log'), 'utf8').match(/\[fake\] loaded .*scene\.ttt/g);
  // What a process prints comes through a pipe, and may come after what it answers.
  await expect.poll(loads, { timeout: 5_000 }).toHaveLength(2);
  // Whoever asks for a restart because of the process before gets the one that runs now.
  await supervised.restart(0);
  expect(fake.pids()).toHaveLength(2);
});

test('what freezes is noticed by its missing sign of life, killed and started again', async () => {
  const fake = await fakeCoppeliaSim(['freezes', 'answers']);
  const supervised = await supervise(fake.options);
  const [reason] = (await once(supervised, 'lost')) as [Error];
  expect(reason.message).toContain('gave no sign of life within 3 s');
  await supervised.ready();
  expect(isAlive(fake.pids()[0] as number)).toBe(false);
  expect(isAlive(fake.pids()[1] as number)).toBe(true);
});

test('no sign of life is asked for while the owner holds the simulator, who alone then says that it hangs', async () => {
  const fake = await fakeCoppeliaSim(['freezes', 'answers']);
  const supervised = await supervise(fake.options);
  const release = supervised.hold();
  await new Promise(done => setTimeout(done, 1000));
  expect(supervised.info.generation).toBe(0);
  supervised.reportHang('a step took longer than 10 s');
  await supervised.ready();
  release();
  expect(supervised.info.generation).toBe(1);
});

test('a restart on demand gives a new process; one that ignores SIGTERM is killed', async () => {
  const fake = await fakeCoppeliaSim(['stubborn', 'answers']);
  const supervised = await supervise(fake.options);
  await supervised.restart();
  const [before, after] = fake.pids() as [number, number];
  expect(isAlive(before)).toBe(false);
  expect(isAlive(after)).toBe(true);
});

test('after so many starts in a row it is given up, with the end of the log; a restart tries again', async () => {
  const fake = await fakeCoppeliaSim(['later', 'dies', 'dies', 'answers']);
  const supervised = await supervise({ ...fake.options, maxRestarts: 2 });
  const [error] = (await once(supervised, 'failed')) as [Error];
  expect(error.message).toContain('started again 2 times in a row and is given up');
  expect(error.message).toContain('license not found');
  await expect(supervised.ready()).rejects.toBe(error);
  await supervised.restart();
  expect(fake.pids()).toHaveLength(4);
});
