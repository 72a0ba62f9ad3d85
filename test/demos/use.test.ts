import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import {
  createExpert,
  DemonstrationFileError,
  type DemonstrationMetadata,
  DemonstrationMismatchError,
  describeEnv,
  type Episode,
  inspectDemonstrations,
  loadDemonstrations,
  record,
  replayDemonstrations,
  replayEpisode,
  validateDemonstrations,
} from '../../src/demos/index.ts';
import { makeEnv } from '../../src/envs/index.ts';
import { METADATA, readDemos, temporaryFolder, writeDemos } from './demo-files.ts';

/** Three steps that follow each other, small numbers. */
function plainEpisode(of: Partial<Episode> = {}): Episode {
  return {
    length: 3,
    observations: Float32Array.of(0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3),
    nextObservations: Float32Array.of(1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4),
    actions: Float32Array.of(0.5, -0.5, 1, -1, 0, 0.25),
    rewards: Float64Array.of(-1, -0.5, 0.1),
    end: 'terminated',
    success: true,
    start: { seed: 1 },
    ...of,
  };
}

const expected: DemonstrationMetadata = METADATA;

test('inspect tells shapes, ranges, lengths, returns and success', async () => {
  const path = await writeDemos(join(temporaryFolder(), 'a.jsonl'), [
    plainEpisode(),
    plainEpisode({ end: 'truncated', success: false, actions: Float32Array.of(0, 0, 0, 0, 0, 2) }),
  ]);
  const found = await inspectDemonstrations(path);
  expect(found).toMatchObject({
    ...{ format: 'JSON Lines', episodes: 2, transitions: 6, observationSize: 3, actionSize: 2 },
    ...{ lengths: { least: 3, mean: 3, most: 3 }, successes: 1, judged: 2, terminated: 1, truncated: 1, replayable: 2 },
    ...{ notFinite: 0, incomplete: null },
  });
  expect(found.returns.mean).toBeCloseTo(-1.4, 12);
  // First number of the observations: 0, 1, 2 and the last next one, 3.
  expect(found.observationRanges[0]).toEqual({ least: 0, mean: 1.5, most: 3 });
  expect(found.actionRanges[1]).toEqual({ least: -1, mean: (-0.5 - 1 + 0.25 + 2) / 6, most: 2 });
});

test('validate names episode and step of every defect', async () => {
  const path = await writeDemos(join(temporaryFolder(), 'a.json'), [
    plainEpisode(),
    plainEpisode({ actions: Float32Array.of(0.5, -0.5, 1, 1.5, 0, 0.25) }),
    plainEpisode({ rewards: Float64Array.of(0, Number.NaN, 0) }),
    plainEpisode({ observations: Float32Array.of(0, 0.5, 1, 1, 1.5, 2, 2, Number.POSITIVE_INFINITY, 3) }),
  ]);
  const result = await validateDemonstrations(path);
  expect(result.valid).toBe(false);
  expect(result.defects).toEqual([
    { episode: 1, step: 1, what: 'number 1 of the action is 1.5, outside [-1, 1]' },
    { episode: 2, step: 1, what: 'the reward is NaN' },
    { episode: 3, step: 2, what: 'number 1 of the observation is Infinity' },
    { episode: 3, step: 2, what: 'the observation is not the next observation of the step before' },
  ]);
  expect(await validateDemonstrations(path, 1)).toMatchObject({ defectCount: 4, defects: [{ episode: 1 }] });
});

test('validate tells all that cannot be read, too, and reads on', async () => {
  const folder = temporaryFolder();
  const path = await writeDemos(join(folder, 'a.json'), [
    plainEpisode(),
    plainEpisode({ rewards: Float64Array.of(0, Number.NaN, 0) }),
    plainEpisode(),
    plainEpisode(),
  ]);
  const text = readFileSync(path, 'utf8');
  // The first episode with a key twice, the third without its rewards.
  const [head = '', ...episodes] = text.split('"success"');
  episodes[0] = `${episodes[0]?.replace('"end"', '"end": "truncated", "end"')}`;
  episodes[2] = `${episodes[2]?.replace('"rewards"', '"prices"')}`;
  const damaged = join(folder, 'b.json');
  writeFileSync(damaged, [head, ...episodes].join('"success"'));
  const result = await validateDemonstrations(damaged);
  expect(result).toMatchObject({ valid: false, episodes: 2, damageCount: 2, defectCount: 1 });
  expect(result.damage[0]).toContain('episode 0: it has the key "end" twice in one object');
  expect(result.damage[1]).toContain('episode 2: it has no list of rewards');
  expect(result.defects).toEqual([{ episode: 1, step: 1, what: 'the reward is NaN' }]);
  expect(await validateDemonstrations(damaged, 1)).toMatchObject({ damageCount: 2, damage: [result.damage[0]] });
});

test('validate finds nothing right in files without transitions', async () => {
  const folder = temporaryFolder();
  const empty = await writeDemos(join(folder, 'a.json'), []);
  expect(await validateDemonstrations(empty)).toMatchObject({ valid: false, transitions: 0, damageCount: 0 });
  for (const name of ['b.json', 'b.jsonl', 'b.pickle', 'b.hdf5', 'missing.pickle']) {
    const path = join(folder, name);
    if (name !== 'missing.pickle') writeFileSync(path, '');
    const result = await validateDemonstrations(path);
    expect(result).toMatchObject({ valid: false, transitions: 0, damageCount: 1 });
  }
});

test('validate names the item of a pickle or list that is damaged, and reads on', async () => {
  const path = join(temporaryFolder(), 'a.json');
  writeFileSync(
    path,
    '[[[0], [1], 0, [1], false], [[1], ["x"], 0, [2], false], [[1], [1], NaN, [2], true], [[2], [1], 0, [3], true]]',
  );
  const result = await validateDemonstrations(path);
  expect(result).toMatchObject({ episodes: 2, transitions: 2, damageCount: 2 });
  expect(result.damage[0]).toContain('item 1: its action is a str');
  expect(result.damage[1]).toContain('item 2: [2] is NaN, which JSON does not have');
});

test('loading gives flat arrays, and each file its share', async () => {
  const folder = temporaryFolder();
  const first = await writeDemos(join(folder, 'a.json'), [plainEpisode(), plainEpisode({ end: 'truncated' })]);
  const second = await writeDemos(join(folder, 'b.pickle'), [plainEpisode()], null);
  const loaded = await loadDemonstrations([first, second], { expected });
  expect(loaded).toMatchObject({ size: 9, observationSize: 3, actionSize: 2 });
  expect(Array.from(loaded.observations.subarray(9, 12))).toEqual([0, 0.5, 1]);
  expect(Array.from(loaded.rewards.subarray(0, 3))).toEqual([-1, -0.5, Math.fround(0.1)]);
  expect(Array.from(loaded.terminated)).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 1]);
  expect(Array.from(loaded.episodeStarts)).toEqual([0, 3, 6, 9]);
  expect(loaded.starts).toEqual([{ seed: 1 }, { seed: 1 }, { seed: 1 }]);
  expect(loaded.files.map(({ first: from, last, share }) => [from, last, share])).toEqual([
    [0, 6, 6 / 9],
    [6, 9, 3 / 9],
  ]);
  const weighted = await loadDemonstrations([first, second], { weights: [1, 3] });
  expect(weighted.files.map(({ share }) => share)).toEqual([0.25, 0.75]);
  await expect(loadDemonstrations([first], { weights: [1, 2] })).rejects.toThrow('1 demonstration files and 2 weights');
  await expect(loadDemonstrations([first], { weights: [-1] })).rejects.toThrow(UsageError);
  await expect(loadDemonstrations([first], { maxBytes: 100 })).rejects.toThrow('more than 100 bytes');
});

test.each([
  [
    'another environment',
    { environment: { ...METADATA.environment, id: 'SawyerGrasp-v1' } },
    'the environment is "SawyerLift-v1" and should be "SawyerGrasp-v1"',
  ],
  [
    'another control mode',
    { controlMode: 'joint_velocity' },
    'the control mode is "tip_displacement" and should be "joint_velocity"',
  ],
  [
    'another size of observations',
    { observation: { size: 4, quantities: null } },
    'the size of an observation is 3 and should be 4',
  ],
  [
    'other things observed',
    { observation: { size: 3, quantities: ['a', 'b', 'd'].map(name => ({ name, unit: 'm × 4' })) } },
    'what is observed is "a (m × 4), b (m × 4), c (m × 4)" and should be "a (m × 4), b (m × 4), d (m × 4)"',
  ],
  [
    'another normalization',
    { action: { ...METADATA.action, high: [0.05, 1] } },
    'the upper bounds of actions is [0.03,1] and should be [0.05,1]',
  ],
  [
    'actions that are not normalized',
    { action: { ...METADATA.action, normalized: false } },
    'whether actions are normalized is true and should be false',
  ],
])('a file of %s is refused, saying which', async (_, differing, message) => {
  const path = await writeDemos(join(temporaryFolder(), 'a.json'), [plainEpisode()]);
  const loading = loadDemonstrations([path], { expected: { ...expected, ...differing } });
  await expect(loading).rejects.toThrow(DemonstrationMismatchError);
  await expect(loading).rejects.toThrow(message);
});

test('options that differ otherwise, such as the reward, are told', async () => {
  const path = await writeDemos(join(temporaryFolder(), 'a.json'), [plainEpisode()]);
  const { id, options } = METADATA.environment;
  const sparse = { ...expected, environment: { id, options: { ...options, reward: 'sparse' } } };
  const { files } = await loadDemonstrations([path], { expected: sparse });
  expect(files[0]?.optionDifferences).toEqual(['reward is "dense" and should be "sparse"']);
});

test('numbers that cannot be learned from are refused, with episode and step', async () => {
  const folder = temporaryFolder();
  const nan = await writeDemos(join(folder, 'a.json'), [plainEpisode({ rewards: Float64Array.of(0, 0, Number.NaN) })]);
  await expect(loadDemonstrations([nan])).rejects.toThrow('episode 0, step 2: the reward is NaN');
  const wide = await writeDemos(join(folder, 'b.json'), [plainEpisode({ actions: new Float32Array(6).fill(3) })]);
  await expect(loadDemonstrations([wide])).rejects.toThrow('outside [-1, 1]');
  const empty = await writeDemos(join(folder, 'c.json'), []);
  await expect(loadDemonstrations([empty])).rejects.toThrow(DemonstrationFileError);
  const other = await writeDemos(join(folder, 'd.pickle'), [plainEpisode({ actions: new Float32Array(3) })], null);
  await expect(loadDemonstrations([other], { expected })).rejects.toThrow(
    'an action has 1 numbers in episode 0, and should have 2',
  );
});

test.each([
  ['SawyerGrasp-v1', { controlMode: 'joint_velocity', reward: 'sparse' }],
  ['SawyerGrasp-v1', { controlMode: 'end_position' }],
  ['SawyerLift-v1', { reward: 'sparse' }],
])('%s %j: what the expert did is replayed bit for bit, in another simulator too', async (id, options) => {
  const out = join(temporaryFolder(), 'a.pickle');
  const env = await makeEnv(id, options);
  const actor = await createExpert(env);
  const description = describeEnv(env, { id, options, simulator: 'mujoco' });
  const policy = { name: 'expert', noise: 0 };
  await record({ env, description, actor, policy, episodes: 4, seed: 3, out });
  await env.close();
  const { metadata, episodes } = await readDemos(out);
  expect(metadata?.observation.quantities).toHaveLength(metadata?.observation.size ?? 0);
  expect(metadata?.action.quantities).toHaveLength(metadata?.action.size ?? 0);
  expect(await replayDemonstrations(out)).toMatchObject({
    episodes: 4,
    identical: 4,
    largestDifference: 0,
    largestRewardDifference: 0,
    withoutStart: 0,
  });
  // In another order and with another action, it does not go the same way.
  const again = await makeEnv(id, options);
  const last = episodes[3] as Episode;
  expect((await replayEpisode(again, last)).comparison).toMatchObject({ identical: true, steps: last.length });
  const altered = { ...last, actions: last.actions.slice() };
  altered.actions[0] = -(altered.actions[0] as number) / 2 + 0.25;
  const { comparison } = await replayEpisode(again, altered);
  await again.close();
  expect(comparison).toMatchObject({ identical: false, firstDifference: 1 });
  expect(comparison.largestDifference).toBeGreaterThan(0);
});

test('an episode that does not say how it began cannot be replayed', async () => {
  const env = await makeEnv('SawyerReach-v1');
  await expect(replayEpisode(env, plainEpisode({ start: null }))).rejects.toThrow('does not say how it began');
  await expect(replayEpisode(env, plainEpisode())).rejects.toThrow('The recorded actions have 2 numbers');
  await env.close();
  const path = await writeDemos(join(temporaryFolder(), 'a.json'), [plainEpisode({ start: null })], {
    ...METADATA,
    environment: { id: 'SawyerLift-v1', options: {} },
  });
  await expect(replayDemonstrations(path)).rejects.toThrow('none of its 1 episodes says how it began');
});
