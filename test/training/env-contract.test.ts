import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import {
  type Box,
  box,
  contains,
  type Env,
  EnvContractError,
  makeEnv,
  type ResetOptions,
  registerEnv,
  type Space,
  type StepResult,
} from '../../src/envs/index.ts';
import { CheckpointStore, PPO, testPolicy, train } from '../../src/training/index.ts';
import { cli, runsFolder } from '../cli/run-cli.ts';
import { SMALL, temporaryFolder } from './run-files.ts';

type Change = (result: StepResult<Box>, step: number) => unknown;

/** A walk on a line, whose results can be spoilt from a number of steps on. */
class Walk implements Env<Box, Box> {
  readonly observationSpace = box(-1, 1, [1]);
  readonly actionSpace = box(-1, 1, [1]);
  private readonly change: Change;
  private random = new Random(0);
  private position = 0;
  private total = 0;
  private steps = 0;
  private phase: 'new' | 'running' | 'over' | 'closed' = 'new';

  constructor(change: Change) {
    this.change = change;
  }

  async reset({ seed }: ResetOptions = {}) {
    if (this.phase === 'closed') throw new Error('closed');
    if (seed !== undefined) this.random = new Random(seed);
    this.position = this.random.uniform(-0.5, 0.5);
    this.steps = 0;
    this.phase = 'running';
    return { observation: Float32Array.of(this.position), info: {} };
  }

  async step(action: Float32Array): Promise<StepResult<Box>> {
    if (this.phase !== 'running') throw new Error('no episode');
    if (!contains(this.actionSpace, action)) throw new Error('not an action');
    this.position = Math.max(-1, Math.min(1, this.position + 0.1 * (action[0] ?? 0)));
    const truncated = ++this.steps >= 10;
    if (truncated) this.phase = 'over';
    const result = { observation: Float32Array.of(this.position), reward: 0, terminated: false, truncated, info: {} };
    return (this.change(result, ++this.total) ?? result) as StepResult<Box>;
  }

  async close() {
    this.phase = 'closed';
  }
}

let count = 0;

/** Registers an environment, and returns its id. */
function registered(make: () => Env<Box, Box>): string {
  const id = `Walk${++count}-v0`;
  const summary = 'A walk';
  registerEnv({ id, summary, make: async () => make() as unknown as Env<Space, Space> }); // Its steps take boxes' actions.
  return id;
}

/** Longer than the check before a training. */
const LATER = 120;
const later =
  (spoilt: Record<string, unknown>): Change =>
  (result, step) =>
    step > LATER ? { ...result, ...spoilt } : result;

test('a training refuses an environment that breaks the contract, before anything is written', async () => {
  const runsDirectory = join(temporaryFolder(), 'runs');
  const env = registered(
    () => new Walk(({ terminated: _, ...rest }) => ({ ...rest, done: true, info: { success: 1 } })),
  );
  const failure = await train({ options: { ...SMALL, env }, runsDirectory }).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(EnvContractError);
  expect((failure as Error).message).toContain(`The environment ${env} breaks the contract:`);
  expect((failure as Error).message).toContain('terminated of step() must be true or false, not undefined');
  expect((failure as Error).message).toContain('info.success of step() must be true, false or absent, not 1');
  expect(existsSync(runsDirectory)).toBe(false);
});

test.each([
  ['sac', { observation: Float32Array.of(7) }, /is 7, outside its space/],
  ['sac', { info: { success: 'true' } }, /info\.success of step\(\) must be true, false or absent, not "true"/],
  ['sac', { observation: [0] }, /must be a Float32Array, not the array \[0\]/],
  ['sac', { reward: undefined }, /must be a finite number, not undefined/],
  ['ppo', { truncated: 1 }, /truncated of step\(\) must be true or false, not 1/],
  ['ppo', { observation: Float32Array.of(0, 0) }, /must have 1 numbers, as the observation space has, not 2/],
])('a training with %s ends at the first step that returns %o', async (algorithm, spoilt, message) => {
  const env = registered(() => new Walk(later(spoilt)));
  const { bufferCapacity: _, randomSteps: __, updatesPerStep: ___, ...onPolicy } = SMALL;
  const agentOptions = { timestepsPerBatch: 64, miniBatchSize: 64, hidden: [8] };
  const options = { ...(algorithm === 'ppo' ? { ...onPolicy, agentOptions } : SMALL), env, algorithm };
  const runsDirectory = temporaryFolder();
  const failure = await train({ options, runsDirectory, name: 'mine' }).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(EnvContractError);
  expect((failure as Error).message).toMatch(
    new RegExp(`^The environment ${env} breaks the contract in step 1 of episode 13`),
  );
  expect((failure as Error).message).toMatch(message);
  expect((failure as Error).message).toMatch(/There is no checkpoint yet\.|The last good checkpoint is/);
});

test('a test refuses an environment that counts what is no success', async () => {
  let honest = true;
  const env = registered(() => new Walk(result => (honest ? result : { ...result, info: { success: 'yes' } })));
  const { directory } = await train({ options: { ...SMALL, env, steps: 150 }, runsDirectory: temporaryFolder() });
  honest = false;
  const path = new CheckpointStore(join(directory, 'checkpoints')).latest() as string;
  await expect(testPolicy(path, { episodes: 3, seed: 1 })).rejects.toThrow(EnvContractError);
});

test('PPO checks an environment that it is given, and refuses one whose bounds are not -1 and 1', async () => {
  const ppo = new PPO(new Walk(later({ reward: Number.NaN })) as unknown as Env, { timestepsPerBatch: 64 });
  await expect(ppo.learn(1000)).rejects.toThrow(/The environment given to PPO .* in step 1 of episode 13: the reward/);
  await ppo.close();
  const reversed = Object.assign(new Walk(result => result), {
    actionSpace: { ...box(-1, 1, [1]), low: Float32Array.of(1) },
  });
  expect(() => new PPO(reversed as unknown as Env)).toThrow('PPO needs actions in [-1, 1]');
});

test('makeEnv gives the environments of this package as they are', async () => {
  const env = await makeEnv('CartPole-v1');
  expect(env.constructor.name).toBe('TimeLimit');
  await env.close();
});

/** The command of a training in an environment that a module makes and registers. */
function trainInModule(environment: string): string[] {
  // Inside the checkout, so that the package's name is found.
  const root = resolve(import.meta.dirname, '../..');
  mkdirSync(join(root, 'runs'), { recursive: true });
  const folder = mkdtempSync(join(root, 'runs/.env-contract-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const module = join(folder, 'mine.mts');
  writeFileSync(
    module,
    `import { makeEnv, ppo, registerEnv } from 'graspbridge';
registerEnv({ id: 'Mine-v0', summary: 'CartPole', make: async () => ${environment} });
export default ppo;
`,
  );
  const settings = ['--steps', '2500', '--final-episodes', '2', '--runs-dir', runsFolder()];
  return ['train', '--policy', module, '--env', 'Mine-v0', ...settings];
}

test.each([
  ['this process', []],
  ['workers', ['--workers', '1']],
])('a module with an algorithm may register its environment, for %s', async (_, workers) => {
  const { code, stderr } = await cli(...trainInModule("makeEnv('CartPole-v1')"), ...workers);
  expect(code, stderr).toBe(0);
});

test('an environment that is spoilt later ends the training, also if workers step it', async () => {
  const spoilt = `Object.assign(await makeEnv('CartPole-v1'), { n: 0, async step(a) { const r = await this.constructor.prototype.step.call(this, a); return ++this.n > 300 ? { ...r, info: { success: 'no' } } : r; } })`;
  const { code, stdout, stderr } = await cli(...trainInModule(spoilt), '--workers', '1');
  expect(code, stdout).toBe(1);
  expect(stderr).toMatch(
    /Mine-v0 breaks the contract in step \d+ of episode \d+: info\.success of step\(\) must be true, false or absent, not "no"/,
  );
});
