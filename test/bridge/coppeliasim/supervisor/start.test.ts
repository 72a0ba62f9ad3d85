import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Prepare,
  type SupervisedCoppeliaSim,
  type SupervisorOptions,
  superviseCoppeliaSim,
  superviseSeveral,
} from '../../../../src/bridge/coppeliasim/supervisor/index.ts';
import { backOff, supervisorSettings } from '../../../../src/bridge/coppeliasim/supervisor/options.ts';
import { SceneError, SimulatorLostError, SimulatorStartError } from '../../../../src/bridge/errors.ts';
import { eventually, fakeCoppeliaSim, isAlive } from './fake-installation.ts';

async function supervise(options: SupervisorOptions, prepare?: Prepare): Promise<SupervisedCoppeliaSim> {
  const supervised = await superviseCoppeliaSim(options, prepare);
  onTestFinished(() => supervised.close());
  return supervised;
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('It did not fail.');
}

test('what answers is running, on the port it was told, headless; closed, nothing of it is left', async () => {
  const log = (folder: string) => join(folder, 'logs', 'simulator.log');
  const fake = await fakeCoppeliaSim(['answers']);
  const supervised = await supervise({ ...fake.options, log: log(fake.folder) });
  const { port, pid, generation } = supervised.info;
  expect(supervised.address).toBe(`tcp://127.0.0.1:${port}`);
  expect(port).toBe(fake.options.port);
  expect(generation).toBe(0);
  const printed = readFileSync(log(fake.folder), 'utf8');
  expect(printed).toContain(`-h -GzmqRemoteApi.rpcPort=${port}`);
  expect(isAlive(fake.pids()[0] as number)).toBe(true);
  await supervised.close();
  expect(isAlive(fake.pids()[0] as number)).toBe(false);
  expect(isAlive(pid)).toBe(false);
  expect(() => supervised.address).toThrow(SimulatorLostError);
});

test('what takes long to answer is waited for', async () => {
  const fake = await fakeCoppeliaSim(['slow']);
  await supervise({ ...fake.options, startTimeout: 20 });
  expect(fake.pids()).toHaveLength(1);
});

test('what dies at the start is an error with what it printed, without control characters', async () => {
  const fake = await fakeCoppeliaSim(['dies']);
  const error = await failure(superviseCoppeliaSim(fake.options));
  expect(error).toBeInstanceOf(SimulatorStartError);
  expect(error.message).toContain('ended with code 3 before its remote API answered');
  expect(error.message).toContain('[fake] error: license not found');
  expect(error.message).not.toContain('\x1b');
});

test.each(['silent', 'deaf'])('what never answers (%s) is given up in time, and killed', async mode => {
  const fake = await fakeCoppeliaSim([mode]);
  const began = Date.now();
  const error = await failure(superviseCoppeliaSim({ ...fake.options, startTimeout: 1.5 }));
  expect(Date.now() - began).toBeLessThan(8000);
  expect(error).toBeInstanceOf(SimulatorStartError);
  expect(error.message).toContain('did not answer');
  for (const pid of fake.pids()) expect(isAlive(pid)).toBe(false);
});

test('a start that is aborted is given up at once, and nothing of it is left', async () => {
  const fake = await fakeCoppeliaSim(['deaf']);
  const controller = new AbortController();
  const starting = superviseCoppeliaSim(fake.options, undefined, controller.signal);
  await eventually(() => fake.pids().length > 0, 5, 'it starts');
  controller.abort(new Error('enough'));
  const began = Date.now();
  await expect(starting).rejects.toThrow('enough');
  expect(Date.now() - began).toBeLessThan(5000);
  expect(isAlive(fake.pids()[0] as number)).toBe(false);
});

test('a port that is taken is passed over, or an error where no other may be used', async () => {
  const fake = await fakeCoppeliaSim(['answers']);
  const other = createServer().listen(fake.options.port, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const supervised = await supervise(fake.options);
  expect(supervised.info.port).toBeGreaterThan(fake.options.port as number);
  const error = await failure(superviseCoppeliaSim({ ...fake.options, otherPorts: false }));
  expect(error).toBeInstanceOf(SimulatorStartError);
  expect(error.message).toContain(`Port ${fake.options.port} is taken`);
});

test('several get ports of their own; when one fails, none is left', async () => {
  const fake = await fakeCoppeliaSim(['answers']);
  const several = await superviseSeveral(3, fake.options);
  expect(new Set(several.map(one => one.info.port)).size).toBe(3);
  await Promise.all(several.map(one => one.close()));
  const worse = await fakeCoppeliaSim(['answers', 'dies']);
  await expect(superviseSeveral(2, worse.options)).rejects.toThrow(SimulatorStartError);
  for (const pid of worse.pids()) expect(isAlive(pid)).toBe(false);
});

test('a scene that is not there is an error that says how to make one, and nothing is left running', async () => {
  const fake = await fakeCoppeliaSim(['answers']);
  const error = await failure(superviseCoppeliaSim({ ...fake.options, scene: join(fake.folder, 'none.ttt') }));
  expect(error).toBeInstanceOf(SceneError);
  expect(error.message).toContain('build-scene');
  for (const pid of fake.pids()) expect(isAlive(pid)).toBe(false);
});

test.each(['SIGKILL'] as const)('when the supervising process gets %s, all of it is gone within 2 s', async signal => {
  const fake = await fakeCoppeliaSim(['stubborn']);
  const file = join(fake.folder, 'options.json');
  writeFileSync(file, JSON.stringify(fake.options));
  const parent = spawn(
    process.execPath,
    ['--import', 'tsx', resolve(import.meta.dirname, 'supervising-process.ts'), file],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const group = Number(String(line));
  const [pid] = fake.pids() as [number];
  expect(isAlive(pid)).toBe(true);
  parent.kill(signal);
  await once(parent, 'exit');
  await eventually(() => !isAlive(pid) && !isAlive(group), 2, 'the process group ends');
});

test('waits between starts double up to their bound, without chance', () => {
  const settings = supervisorSettings({ backOff: 0.5, maxBackOff: 3 });
  expect([1, 2, 3, 4, 5, 1000].map(failures => backOff(settings, failures))).toEqual([0.5, 1, 2, 3, 3, 3]);
});
