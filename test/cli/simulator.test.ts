import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectRemoteApi } from '../../src/bridge/coppeliasim/remote-api/index.ts';
import { serveRemoteApi } from '../../src/bridge/remote-api-server/index.ts';
import { runCli } from '../../src/cli/program.ts';
import {
  eventually,
  fakeCoppeliaSim,
  fakeFolder,
  freePort,
  isAlive,
} from '../bridge/coppeliasim/supervisor/fake-installation.ts';
import { cli, lastJson, startCli } from './run-cli.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'graspbridge-cli-simulator-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The command in this process, where it takes no second to start. */
async function here(...args: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const keep = (text: unknown) => {
    output += String(text);
    return true;
  };
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write'), vi.spyOn(console, 'log')];
  for (const spy of spies) spy.mockImplementation(keep as never);
  try {
    return { code: await runCli(args), output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

async function fakeOf(modes: readonly string[]) {
  const fake = await fakeCoppeliaSim(modes);
  process.env.GRASPBRIDGE_FAKE_MODES = fake.modes;
  onTestFinished(() => void delete process.env.GRASPBRIDGE_FAKE_MODES);
  return fake;
}

test('launch starts as many as asked, says where, and Ctrl-C ends them all with exit code 130', async () => {
  const fake = await fakeOf(['answers']);
  const port = String(await freePort());
  const log = join(fake.folder, 'launch.log');
  const args = ['--instances', '2', '--coppeliasim', fakeFolder, '--port', port, '--log', log, '--json'];
  const launched = startCli(['simulator', 'launch', ...args]);
  await launched.until(/"instances".*\n/);
  expect(fake.pids()).toHaveLength(2);
  launched.child.kill('SIGINT');
  const { code, stdout } = await launched.finished;
  expect(code).toBe(130);
  const { instances } = lastJson(stdout) as { instances: { address: string; pid: number }[] };
  expect(new Set(instances.map(({ address }) => address)).size).toBe(2);
  await eventually(() => fake.pids().every(pid => !isAlive(pid)), 2, 'all of them end');
  expect(readFileSync(join(fake.folder, 'launch-2.log'), 'utf8')).toContain('-h -GzmqRemoteApi.rpcPort=');
});

test('Ctrl-C while launch is still starting leaves nothing behind', async () => {
  const fake = await fakeOf(['deaf']);
  const launched = startCli(['simulator', 'launch', '--coppeliasim', fakeFolder, '--port', String(await freePort())]);
  await eventually(() => fake.pids().length > 0, 15, 'it starts');
  launched.child.kill('SIGINT');
  expect((await launched.finished).code).toBe(130);
  await eventually(() => fake.pids().every(pid => !isAlive(pid)), 2, 'all of them end');
});

test('launch of what is not there fails with exit code 1, naming the place', async () => {
  const { code, output } = await here('simulator', 'launch', '--coppeliasim', '/nowhere');
  expect(code).toBe(1);
  expect(output).toContain('/nowhere (--coppeliasim)');
});

test('build-scene writes over nothing, and needs to know where to', async () => {
  const out = join(folder(), 'scene.ttt');
  writeFileSync(out, 'mine');
  const refused = await here('simulator', 'build-scene', '--out', out, '--address', '23000');
  expect(refused.code).toBe(2);
  expect(refused.output).toContain('--force');
  expect(readFileSync(out, 'utf8')).toBe('mine');
  const { code, output } = await here('simulator', 'build-scene');
  expect(code).toBe(2);
  expect(output).toContain('--out scene.ttt');
});

test('build-scene against a simulator that can make no scenes fails with its words, and leaves no file', async () => {
  const server = await serveRemoteApi({ port: 0 });
  onTestFinished(() => server.close());
  const out = join(folder(), 'scene.ttt');
  const { code, output } = await here('simulator', 'build-scene', '--out', out, '--address', server.address);
  expect(code).toBe(1);
  expect(output).toContain('sim.');
  expect(existsSync(out)).toBe(false);
});

test('doctor looks at the embedded simulator, in lines and as JSON, with exit code 0', async () => {
  const { code, stdout, stderr } = await cli('simulator', 'doctor', '--embedded', '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('All checks passed.');
  expect(lastJson(stdout)).toMatchObject({ healthy: true });
});

test('doctor says with exit code 1 what is missing; two things to look at are wrong usage', async () => {
  const { code, output } = await here('simulator', 'doctor', '--coppeliasim', '/nowhere');
  expect(code).toBe(1);
  expect(output).toMatch(/^FAILED {2}installation {4}Looking for CoppeliaSim failed/m);
  expect(output).toContain('/nowhere (--coppeliasim)');
  expect(output).toMatch(/^skipped start/m);
  expect(output).toContain('1 required check failed: installation. 2 required checks skipped: start, connection.');
  expect(output).toContain('the embedded simulator needs none of them');
  expect((await here('simulator', 'doctor', '--embedded', '--address', '23000')).code).toBe(2);
});

test('doctor ends with exit code 0 and names the optional checks that failed', async () => {
  const server = await serveRemoteApi({ port: 0 });
  onTestFinished(() => server.close());
  const client = await connectRemoteApi({ address: server.address });
  onTestFinished(() => client.close());
  await client.call('sim.startSimulation');
  const { code, output } = await here('simulator', 'doctor', '--address', server.address);
  expect(output).toContain('1 optional check failed: simulation.');
  expect(output).toContain('all required checks passed');
  expect(code).toBe(0);
});

test.each([['launch'], ['build-scene'], ['doctor']])('simulator %s --help shows options and examples', async name => {
  const { code, output } = await here('simulator', name, '--help');
  expect(code).toBe(0);
  expect(output).toContain(`graspbridge simulator ${name}`);
  expect(output).toContain('--coppeliasim');
  expect(output).toContain('Examples:');
});
