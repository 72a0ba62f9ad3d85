import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { here, lastJson, runsFolder } from './run-cli.ts';

const PPO = ['environments=2', 'timestepsPerBatch=128', 'miniBatchSize=64', 'epochs=1'];

test('CartPole is trained, tested and told by its mean return, without a simulator', async () => {
  const runs = runsFolder();
  const options = ['--steps', '300', '--eval-every', '200', '--eval-episodes', '2', '--final-episodes', '2'];
  const agent = PPO.flatMap(option => ['--agent-option', option]);
  const trained = await here(
    ...['train', '--env', 'CartPole-v1', '--algo', 'ppo', '--runs-dir', runs, '--name', 'pole'],
    ...options,
    ...agent,
  );
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stdout).toMatch(/evaluated: mean return \d+\.\d\d \(2 episodes\)/);
  expect(trained.stdout).toMatch(/^Mean return \d+\.\d\d \(2 episodes\)$/m);
  expect(trained.stdout).not.toMatch(/success|simulator|mujoco/i);

  const tested = await here('test', '--runs-dir', runs, '--episodes', '2');
  expect(tested.stdout).toMatch(/^Mean return \d+\.\d\d of 2 episodes, mean length \d+ steps$/m);
  expect(tested.stdout).toMatch(/^episode {3}1 {2}return/m);
  expect(tested.stdout).not.toMatch(/success|failure|simulator|mujoco/i);
  const json = lastJson((await here('test', '--runs-dir', runs, '--episodes', '2', '--json')).stdout);
  expect(json).toMatchObject({ episodes: 2, successRate: 0, meanReturn: expect.any(Number) });

  const elsewhere = await here('test', '--runs-dir', runs, '--simulator', 'coppeliasim', '--address', '23000');
  expect(elsewhere.stderr).toContain('CartPole-v1 has no simulator');
  expect(elsewhere.code).toBe(2);
});

test('demonstrations of Pendulum name no simulator, and are replayed', async () => {
  const file = join(runsFolder(), 'swings.json');
  const args = ['record', '--env', 'Pendulum-v1', '--policy', 'random', '--episodes', '2', '--out', file];
  const recorded = await here(...args);
  expect(recorded.code, recorded.stderr).toBe(0);
  expect(recorded.stdout).toContain('Recording Pendulum-v1: random');
  expect(recorded.stdout).not.toMatch(/success|failure|mujoco/i);
  expect(JSON.parse(readFileSync(file, 'utf8')).metadata.simulator).toBeNull();
  const inspected = await here('demos', 'inspect', file);
  expect(inspected.stdout).not.toContain('simulator');
  const refused = await here(...args.slice(0, -1), `${file}l`, '--simulator', 'coppeliasim', '--address', '23000');
  expect(refused.stderr).toContain('Pendulum-v1 has no simulator');
  expect(refused.code).toBe(2);
  const replayed = await here('demos', 'replay', file);
  expect(replayed.stdout).toMatch(/Replayed 2 episodes: 2 the same bit for bit/);
});

test('a policy is exported as .onnx, and as nothing else', async () => {
  for (const file of ['policy.pt', 'policy']) {
    const { code, stderr } = await here('export', '--policy', 'a.checkpoint', '--out', file);
    expect(stderr).toContain(`A policy is exported as .onnx, but the file is to be ${file}.`);
    expect(code).toBe(2);
  }
});
