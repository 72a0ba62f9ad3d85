import { expect, test } from 'vitest';
import { registerPolicy } from '../../src/training/algorithms.ts';
import { completeConfig, resolveConfig, resumeConfig } from '../../src/training/config.ts';

test('what is not given comes from the preset of that environment', () => {
  const grasp = resolveConfig({});
  expect(grasp).toMatchObject({ env: 'SawyerGrasp-v1', algorithm: 'sac', seed: 1, backend: 'onnx', device: 'cpu' });
  expect(grasp.untilSuccess).toBeGreaterThan(0.9);
  const lift = resolveConfig({ env: 'SawyerLift-v1', agentOptions: { tau: 0.01 }, steps: 10 });
  // A target entropy below what the task asks for lets the block fall.
  expect(lift.agentOptions).toMatchObject({ targetEntropy: 0, tau: 0.01 });
  expect(lift.steps).toBe(10);
  // Rewarded by success alone, the reward must be seen from farther.
  const sparse = resolveConfig({ env: 'SawyerLift-v1', envOptions: { reward: 'sparse' } });
  expect(sparse.agentOptions.gamma).toBeGreaterThan(Number(lift.agentOptions.gamma));
  expect(resolveConfig({ env: 'somebody-elses' }).agentOptions).toEqual({});
});

test('the target entropy of a grasp goes with the number of its actions', () => {
  expect(resolveConfig({}).agentOptions.targetEntropy).toBe(-3.5);
  const endPosition = resolveConfig({ envOptions: { controlMode: 'end_position' } });
  expect(endPosition.agentOptions.targetEntropy).toBe(-2);
  expect(resolveConfig({ env: 'SawyerReach-v1', envOptions: {} }).agentOptions).not.toHaveProperty('targetEntropy');
});

test('the original preset is the published task and its training, and nothing else', () => {
  const original = resolveConfig({ preset: 'original' });
  expect(original).toMatchObject({
    envOptions: { preset: 'original' },
    agentOptions: { preset: 'original' },
    steps: 60_000,
    bufferCapacity: 1_000_000,
    updatesPerStep: 1,
    untilSuccess: 0,
  });
  expect(() => resolveConfig({ preset: 'original', env: 'SawyerLift-v1' })).toThrow('needs SawyerGrasp-v1');
});

test.each([
  [{ stepz: 1 }, '"stepz" is not an option of train. Did you mean "steps"?'],
  [{ steps: 0 }, 'Option "steps" of train cannot be 0.'],
  [{ seed: 1.5 }, 'Option "seed" of train cannot be 1.5.'],
  [{ preset: 'orginal' }, 'Did you mean "original"?'],
  [{ simulator: 'copeliasim' }, 'Did you mean "coppeliasim"?'],
  [{ simulator: 'coppeliasim', simulatorOptions: { adress: '23000' } }, 'Did you mean "address"?'],
  [
    { simulator: 'coppeliasim', simulatorOptions: { stepTimeout: -1 } },
    'Option "stepTimeout" of the coppeliasim simulator',
  ],
  // The embedded simulator is nowhere else.
  [{ simulatorOptions: { address: '23000' } }, '"address" is not an option of the mujoco simulator'],
])('%j is refused', (options, message) => {
  // Wrong on purpose.
  expect(() => resolveConfig(options as Parameters<typeof resolveConfig>[0])).toThrow(message);
});

test('a resumed run may last longer, and may repeat what it was started with, but not become another', () => {
  const stored = resolveConfig({ seed: 3, steps: 100, envOptions: { target: 'fixed', reward: 'dense' } });
  expect(resumeConfig(stored, { steps: 200, seed: 3, envOptions: { target: 'fixed' } })).toEqual({
    ...stored,
    steps: 200,
  });
  const away = resolveConfig({ simulator: 'coppeliasim', simulatorOptions: { address: '23000' } });
  expect(resumeConfig(away, { simulatorOptions: { address: '23010' } }).simulatorOptions).toEqual({ address: '23010' });
  expect(() => resumeConfig(stored, { simulator: 'coppeliasim' })).toThrow('keeps its simulator');
  expect(() => resumeConfig(stored, { envOptions: { target: 'random' } })).toThrow('keeps its envOptions');
  expect(() => resumeConfig(stored, { updatesPerStep: 2 })).toThrow('keeps its updatesPerStep: it is 0.5, not 2');
});

test('an algorithm of another name gets the defaults of its kind and the task, without what suits only SAC or PPO', () => {
  const create = () => Promise.reject(new Error('never created'));
  registerPolicy('my-td3', { kind: 'off-policy', name: 'my-td3', create });
  registerPolicy('my-reinforce', { kind: 'on-policy', name: 'my-reinforce', create });
  const sac = resolveConfig({});
  const offPolicy = resolveConfig({ algorithm: 'my-td3' });
  const { algorithm: _, agentOptions: __, updatesPerStep: ___, ...same } = sac;
  expect(offPolicy).toMatchObject({ ...same, updatesPerStep: 1, agentOptions: {} });
  const ppo = resolveConfig({ algorithm: 'ppo', env: 'SawyerReach-v1' });
  const onPolicy = resolveConfig({ algorithm: 'my-reinforce', env: 'SawyerReach-v1' });
  expect(onPolicy).toEqual({ ...ppo, algorithm: 'my-reinforce', agentOptions: {} });
  expect(onPolicy.steps).not.toBe(resolveConfig({ env: 'SawyerReach-v1' }).steps);
});

test('a module gets the defaults of the kind it exports', () => {
  const options = { algorithm: './my-td3.ts' };
  expect(resolveConfig(options, 'off-policy').evalEvery).toBe(resolveConfig({}).evalEvery);
  expect(resolveConfig(options, 'on-policy').evalEvery).toBe(resolveConfig({ algorithm: 'ppo' }).evalEvery);
  // What is stored is complete, and read although the algorithm is not known here.
  const stored = { ...resolveConfig({}), algorithm: 'of-another-program' };
  expect(completeConfig(stored)).toEqual(stored);
  expect(() => resolveConfig({ algorithm: 'of-another-program' })).toThrow('There is no algorithm');
});
