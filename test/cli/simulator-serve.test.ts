import { expect, test } from 'vitest';
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
