import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectRemoteApi } from '../../src/bridge/coppeliasim/remote-api/index.ts';
import { cli, lastJson, startCli } from './run-cli.ts';

test('serve says where it listens, answers there, and ends with 130 after Ctrl-C', async () => {
  const running = startCli(['simulator', 'serve', '--port', '0', '--json']);
  await running.until(/Ctrl-C ends it/);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.finished;
  expect(code).toBe(130);
  expect(lastJson(stdout)).toEqual({ address: expect.stringMatching(/^tcp:\/\/127\.0\.0\.1:\d+$/) });
});

test('a port that is taken fails with 1 and what to do; an address beyond this machine is wrong usage', async () => {
  const running = startCli(['simulator', 'serve', '--port', '0']);
  let text = '';
  running.child.stdout?.on('data', chunk => {
    text += chunk;
  });
  await running.until(/Ctrl-C ends it/);
  const [, address, port] = /(tcp:\/\/127\.0\.0\.1:(\d+))/.exec(text) as unknown as [string, string, string];
  const client = await connectRemoteApi({ address });
  expect(await client.call('sim.getObject', ['/target'])).toEqual([65]);
  await client.close();
  const taken = await cli('simulator', 'serve', '--port', port);
  expect(taken.code).toBe(1);
  expect(taken.stderr).toMatch(/port is taken.*choose another port/);
  const open = await cli('simulator', 'serve', '--port', '0', '--host', '0.0.0.0');
  expect(open.code).toBe(2);
  expect(open.stderr).toContain('ssh -L');
  running.child.kill('SIGTERM');
  expect((await running.finished).code).toBe(143);
});

test('Ctrl-C ends it with 130 while a client waits for a step', async () => {
  const running = startCli(['simulator', 'serve', '--port', '0', '--json']);
  let text = '';
  running.child.stdout?.on('data', chunk => {
    text += chunk;
  });
  await running.until(/Ctrl-C ends it/);
  await expect.poll(() => text).toContain('"address"');
  const { address } = lastJson(text) as { address: string };
  const [client, other] = [await connectRemoteApi({ address }), await connectRemoteApi({ address })];
  await client.call('sim.setStepping', [true]);
  await other.call('sim.setStepping', [true]);
  await client.call('sim.startSimulation');
  const step = client.call('sim.step');
  const refused = expect(step).rejects.toThrow();
  await other.call('sim.getSimulationTime');
  running.child.kill('SIGINT');
  expect((await running.finished).code).toBe(130);
  await Promise.all([client.close(), other.close()]);
  await refused;
});

test('a scene that cannot be served fails with 1, naming what it lacks', async () => {
  const fixture = (name: string) => join(import.meta.dirname, '../fixtures/scenes', name);
  const missing = await cli('simulator', 'serve', '--port', '0', '--scene', fixture('files/inc.xml'));
  expect(missing.code).toBe(1);
  expect(missing.stderr).toMatch(/extra\.xml \(<include> in inc\.xml, line 1\): not found/);
  const renamed = join(mkdtempSync(join(tmpdir(), 'graspbridge-serve-')), 'scene.xml');
  onTestFinished(() => rmSync(dirname(renamed), { recursive: true }));
  const xml = readFileSync(join(import.meta.dirname, '../../scenes/sawyer-grasp.xml'), 'utf8');
  writeFileSync(
    renamed,
    xml.replace('<body name="hand"', '<body name="wrist"').replace('<body name="table"', '<body name="desk"'),
  );
  const lacking = await cli('simulator', 'serve', '--port', '0', '--scene', renamed);
  expect(lacking.code).toBe(1);
  expect(lacking.stderr).toMatch(/body "hand", which carries .*Sawyer_tip/);
  expect(lacking.stderr).toMatch(/body "table", which carries diningTable/);
});
