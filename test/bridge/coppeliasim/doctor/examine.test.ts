import { resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { carryOut } from '../../../../src/bridge/coppeliasim/doctor/finding.ts';
import { type Examination, examine, type Finding } from '../../../../src/bridge/coppeliasim/doctor/index.ts';
import { connectRemoteApi } from '../../../../src/bridge/coppeliasim/remote-api/index.ts';
import { serveRemoteApi } from '../../../../src/bridge/remote-api-server/index.ts';
import { fakeCoppeliaSim, freePort, isAlive } from '../supervisor/fake-installation.ts';

async function served(): Promise<string> {
  const server = await serveRemoteApi({ port: 0 });
  onTestFinished(() => server.close());
  return server.address;
}

function finding({ findings }: Examination, name: string): Finding {
  const found = findings.find(one => one.name === name);
  if (found === undefined) throw new Error(`no finding ${name} among ${findings.map(one => one.name).join(', ')}`);
  return found;
}

test('a simulator in order is found so, with its speeds, and left as it was', async () => {
  const address = await served();
  const told: string[] = [];
  const examination = await examine({ address, measuringTime: 0.2, onFinding: ({ name }) => told.push(name) });
  expect(examination.findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(examination.healthy).toBe(true);
  expect(told).toEqual(examination.findings.map(({ name }) => name));
  // The embedded simulator says that it is 4.10.0, and repeats itself bit by bit.
  expect(finding(examination, 'version').numbers).toEqual({ version: 41_000, revision: 0 });
  expect(finding(examination, 'repeatability').numbers).toEqual({ largestDifference: 0 });
  const { medianMilliseconds, p99Milliseconds, calls } = finding(examination, 'latency').numbers;
  expect(calls).toBe(300);
  expect(medianMilliseconds).toBeGreaterThan(0);
  expect(p99Milliseconds).toBeGreaterThanOrEqual(medianMilliseconds as number);
  const rate = (name: string) => finding(examination, name).numbers.stepsPerSecond as number;
  // A step and three calls are four exchanges, the lane's step is one.
  expect(rate('fast lane')).toBeGreaterThan(rate('steps by calls'));
  const client = await connectRemoteApi({ address });
  expect(await client.call('sim.getSimulationState')).toEqual([0]);
  await client.close();
});

test('a simulation that is running is not disturbed, unless told', async () => {
  const address = await served();
  const client = await connectRemoteApi({ address });
  onTestFinished(() => client.close());
  await client.call('sim.startSimulation');
  const careful = await examine({ address, measuringTime: 0.1 });
  expect(finding(careful, 'simulation')).toMatchObject({ status: 'failed', found: 'a simulation is running' });
  expect(finding(careful, 'fast lane').status).toBe('skipped');
  expect(careful.healthy).toBe(true);
  const [state] = await client.call('sim.getSimulationState');
  expect(state).not.toBe(0);
  const forceful = await examine({ address, measuringTime: 0.1, force: true });
  expect(finding(forceful, 'fast lane').status).toBe('ok');
});

test('where nothing answers that is said, with what to do, in seconds', async () => {
  const began = Date.now();
  const examination = await examine({ address: `tcp://127.0.0.1:${await freePort()}` });
  expect(Date.now() - began).toBeLessThan(15_000);
  expect(examination.healthy).toBe(false);
  expect(examination.findings).toHaveLength(1);
  expect(finding(examination, 'connection').advice).toContain('Start CoppeliaSim 4.6');
});

test('where there is no installation every place looked at is named', async () => {
  const examination = await examine({ coppeliaSim: '/nowhere/CoppeliaSim' });
  expect(examination.healthy).toBe(false);
  expect(finding(examination, 'installation').found).toContain('/nowhere/CoppeliaSim (--coppeliasim)');
  expect(finding(examination, 'start').status).toBe('skipped');
  expect(finding(examination, 'connection').status).toBe('skipped');
});

test('an installation is started for the examination, with its scene, and ended after it', async () => {
  const coppeliaSim = resolve(import.meta.dirname, '../../../fixtures/served-coppeliasim');
  const scene = resolve(import.meta.dirname, '../../../../scenes/sawyer-grasp.xml');
  const examination = await examine({ coppeliaSim, scene, measuringTime: 0.1 });
  expect(examination.findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(examination.findings.slice(0, 3).map(({ name }) => name)).toEqual(['installation', 'start', 'connection']);
  expect(finding(examination, 'start').numbers.startSeconds).toBeGreaterThan(0);
  const address = finding(examination, 'connection').found.split(' ')[0] as string;
  await expect(connectRemoteApi({ address, connectTimeout: 0.5 })).rejects.toThrow('nothing listens there');
});

test('an installation that does not come up is a finding with what it printed, and nothing of it is left', async () => {
  const fake = await fakeCoppeliaSim(['dies']);
  // How it misbehaves is told by an argument of its own, which the doctor has none of.
  process.env.GRASPBRIDGE_FAKE_MODES = fake.modes;
  onTestFinished(() => void delete process.env.GRASPBRIDGE_FAKE_MODES);
  const examination = await examine({ coppeliaSim: fake.options.coppeliaSim as string });
  expect(finding(examination, 'installation').status).toBe('ok');
  expect(finding(examination, 'start')).toMatchObject({ status: 'failed' });
  expect(finding(examination, 'start').found).toContain('license not found');
  expect(examination.healthy).toBe(false);
  for (const pid of fake.pids()) expect(isAlive(pid)).toBe(false);
});

test('a check that does not end is given up at its limit; what it throws becomes a finding', async () => {
  const check = { name: 'slow', essential: true, advice: 'Wait.' };
  const late = await carryOut({ ...check, limit: 0.1, run: () => new Promise(() => {}) }, undefined);
  expect(late).toMatchObject({ status: 'failed', found: 'it was not done within 0.1 s', advice: 'Wait.' });
  const broken = await carryOut({ ...check, limit: 1, run: () => Promise.reject(new Error('\x1b[31mno')) }, undefined);
  expect(broken.status).toBe('failed');
  expect(broken.found).not.toContain('\x1b');
});

test('an abort ends it', async () => {
  const address = await served();
  const controller = new AbortController();
  const examining = examine({
    address,
    signal: controller.signal,
    onFinding: () => controller.abort(new Error('enough')),
  });
  await expect(examining).rejects.toThrow('enough');
});
