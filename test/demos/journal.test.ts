import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import {
  convertDemonstrations,
  DemonstrationExistsError,
  DemonstrationFileError,
  describeEnv,
  RecordingError,
  type RecordRequest,
  randomActor,
  record,
} from '../../src/demos/index.ts';
import { Journal } from '../../src/demos/journal.ts';
import { makeEnv } from '../../src/envs/index.ts';
import { exactly, METADATA, readDemos, sampleEpisodes, temporaryFolder } from './demo-files.ts';

test('a journal cut at any byte of its last two lines still has every episode that had ended', async () => {
  const folder = temporaryFolder();
  const whole = join(folder, 'whole.jsonl');
  const journal = new Journal(whole, METADATA);
  const episodes = sampleEpisodes();
  for (const episode of episodes) journal.append(episode);
  journal.finish();
  journal.close();
  const bytes = readFileSync(whole);
  const lineEnds = [...bytes.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1);
  const path = join(folder, 'cut.jsonl');
  writeFileSync(path, bytes);
  // From the end to the beginning of the last but one episode, then to the end of the first line.
  const from = lineEnds.at(-4) as number;
  const cuts = Array.from({ length: bytes.length - from }, (_, i) => bytes.length - 1 - i);
  for (const cut of cuts) {
    truncateSync(path, cut);
    const complete = lineEnds.filter(end => end <= cut).length - 1;
    const read = await readDemos(path);
    expect(read.episodes.length, `cut at ${cut}`).toBe(complete);
    expect(exactly(read.episodes)).toEqual(exactly(episodes.slice(0, complete)));
    expect(read.incomplete, `cut at ${cut}`).toMatch(/^Recording was cut short/);
  }
  for (const cut of [(lineEnds[0] as number) - 1, 10, 0]) {
    truncateSync(path, cut);
    const reason = cut === 0 ? 'it is empty (0 bytes)' : 'it ends within its first line, before the first episode';
    await expect(readDemos(path)).rejects.toThrow(reason);
  }
});

test('a journal altered within is refused, saying where', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.jsonl');
  const journal = new Journal(path, METADATA);
  for (const episode of sampleEpisodes()) journal.append(episode);
  journal.finish();
  journal.close();
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [...lines.slice(0, 2), lines[2]?.slice(0, -9), ...lines.slice(3)].join('\n'));
  await expect(readDemos(path)).rejects.toThrow(DemonstrationFileError);
  await expect(readDemos(path)).rejects.toThrow('episode 1: it is not JSON before byte');
  // An episode taken out is missed by the last line, which counts them.
  writeFileSync(path, [...lines.slice(0, 2), ...lines.slice(3)].join('\n'));
  await expect(readDemos(path)).rejects.toThrow('it has 4 episodes, and its last line counts 5');
});

/** A recording of the quick task by chance. */
async function recording(
  out: string,
  of: Partial<RecordRequest> = {},
): Promise<RecordRequest & { close(): Promise<void> }> {
  const id = 'SawyerReach-v1';
  const env = await makeEnv(id, { maxEpisodeSteps: 5 });
  const description = describeEnv(env, { id, options: { maxEpisodeSteps: 5 }, simulator: 'mujoco' });
  const actor = randomActor(env, new Random(1));
  const policy = { name: 'random', noise: 0 };
  return { env, description, actor, policy, episodes: 3, seed: 4, out, close: () => env.close(), ...of };
}

test('a recording leaves its file and nothing else, the same for the same seed', async () => {
  const folder = temporaryFolder();
  const [first, second] = [join(folder, 'first.pickle'), join(folder, 'second.pickle')];
  for (const out of [first, second]) {
    const request = await recording(out);
    expect(await record(request)).toMatchObject({ out, episodes: 3, played: 3, transitions: 15, interrupted: false });
    await request.close();
  }
  expect(readdirSync(folder).sort()).toEqual([
    'first.pickle',
    'first.pickle.json',
    'second.pickle',
    'second.pickle.json',
  ]);
  expect(readFileSync(first)).toEqual(readFileSync(second));
  const { metadata, episodes } = await readDemos(first);
  expect(metadata).toMatchObject({
    environment: { id: 'SawyerReach-v1', options: { maxEpisodeSteps: 5, reward: 'dense', tolerance: 0.02 } },
    simulator: { name: 'mujoco', version: expect.stringMatching(/^\d+\.\d+/) },
    controlMode: 'tip_displacement',
    controlPeriod: 0.05,
    observation: { size: 6 },
    action: {
      size: 3,
      normalized: true,
      quantities: [{ name: 'tip_x', unit: 'm' }, { name: 'tip_y' }, { name: 'tip_z' }],
    },
    seed: 4,
  });
  expect(metadata?.observation.quantities).toHaveLength(6);
  for (const episode of episodes) expect(episode).toMatchObject({ length: 5, end: 'truncated', success: false });
});

test('where the action recorded is beyond [-1, 1], the one that was done is recorded', async () => {
  const out = join(temporaryFolder(), 'a.json');
  const request = await recording(out, { actor: () => Float32Array.of(3, -3, 0.5), episodes: 1 });
  await record(request);
  await request.close();
  const [episode] = (await readDemos(out)).episodes;
  expect(Array.from(episode?.actions.subarray(0, 3) ?? [])).toEqual([1, -1, 0.5]);
});

test('a policy that says NaN stops the recording; what was recorded before is kept, and convert finishes it', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'a.json');
  let calls = 0;
  const actor = () => Float32Array.of(0, ++calls > 12 ? Number.NaN : 0, 0);
  const request = await recording(out, { actor });
  const error = await record(request).catch(found => found);
  await request.close();
  expect(error).toBeInstanceOf(RecordingError);
  expect(error.message).toContain('The action of step 2 has NaN as its number 1');
  const journal = `${out}.journal.jsonl`;
  expect(error.message).toContain(`graspbridge demos convert ${journal} --out ${out}`);
  expect(existsSync(out)).toBe(false);
  expect(await convertDemonstrations(journal, out)).toMatchObject({ episodes: 2, transitions: 10 });
});

test('a file that exists and a journal that was left are refused before anything is played', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'a.json');
  const request = await recording(out, {
    actor() {
      throw new Error('An episode was played.');
    },
  });
  writeFileSync(out, 'mine');
  await expect(record(request)).rejects.toThrow(DemonstrationExistsError);
  writeFileSync(join(folder, 'b.json.journal.jsonl'), 'left');
  await expect(record({ ...request, out: join(folder, 'b.json') })).rejects.toThrow(
    'is left of a recording that was cut short',
  );
  await request.close();
  expect(readFileSync(out, 'utf8')).toBe('mine');
});

test('only successful episodes, where none succeeds: it gives up and leaves no file', async () => {
  const folder = temporaryFolder();
  const request = await recording(join(folder, 'a.json'), { onlySuccessful: true, episodes: 1, maxEpisodeSteps: 1 });
  expect(await record(request)).toMatchObject({ out: null, episodes: 0, played: 20 });
  await request.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('an aborted recording keeps the episodes that had ended', async () => {
  const out = join(temporaryFolder(), 'a.json');
  const controller = new AbortController();
  const request = await recording(out, {
    episodes: 100,
    signal: controller.signal,
    onEpisode: ({ kept }) => {
      if (kept === 2) controller.abort();
    },
  });
  expect(await record(request)).toMatchObject({ out, episodes: 2, interrupted: true });
  await request.close();
  expect((await readDemos(out)).episodes).toHaveLength(2);
});
