import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WandbServer } from '../training/wandb/wandb-server.ts';
import { cli, lastJson, runsFolder, small, startCli } from './run-cli.ts';

let server: WandbServer;
beforeEach(async () => {
  server = await WandbServer.start();
  vi.stubEnv('WANDB_BASE_URL', server.url);
  vi.stubEnv('WANDB_API_KEY', 'a-key');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

test('train --wandb sends the metrics; stdout holds the JSON object alone', async () => {
  const { code, stdout, stderr } = await cli(...small(runsFolder(), 'seen'), '--json', '--wandb', 'grasping');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(lastJson(stdout)).toMatchObject({ run: 'seen' });
  expect(stderr).toContain(`W&B ${server.url}/somebody/grasping/runs/`);
  expect(server.run).toMatchObject({ project: 'grasping', entity: 'somebody', name: 'seen', exitCode: 0 });
});

test('without --wandb nothing is sent, whatever the environment variables say', async () => {
  const { code } = await cli(...small(runsFolder(), 'unseen'));
  expect(code).toBe(0);
  expect(server.requests).toBe(0);
});

test('Ctrl-C saves first, then ends the run there', async () => {
  const runs = runsFolder();
  const running = startCli([...small(runs, 'stopped', 1_000_000), '--wandb']);
  await running.until(/W&B http/);
  running.child.kill('SIGINT');
  const { code, stdout } = await running.finished;
  expect(code).toBe(130);
  expect(stdout).toMatch(/Interrupted: go on with train --resume/);
  expect(server.run).toMatchObject({ project: 'graspbridge', exitCode: 130 });
  expect(server.run.summary).toMatchObject({ 'final/interrupted': 1 });
});

test('a key that is missing is an error before the run begins, never a question', async () => {
  vi.stubEnv('WANDB_API_KEY', '');
  vi.stubEnv('HOME', runsFolder());
  const refused = await cli(...small(runsFolder(), 'never'), '--wandb');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('Set WANDB_API_KEY');
  expect(server.requests).toBe(0);
  const aside = await cli(...small(runsFolder(), 'never'), '--wandb-entity', 'me');
  expect(aside.stderr).toContain('Add --wandb');
});
