import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { Random } from '../../src/common/random.ts';
import {
  createDemonstrations,
  type DemonstrationMetadata,
  type Episode,
  openDemonstrations,
  type ReadOptions,
} from '../../src/demos/index.ts';

export const FIXTURES = resolve(import.meta.dirname, '../fixtures/demos');

/** A folder of the test's own, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-demos-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Metadata with something in every place. */
export const METADATA: DemonstrationMetadata = {
  environment: { id: 'SawyerLift-v1', options: { reward: 'dense', holdSteps: 1, nested: { π: [1, 'zwei', null] } } },
  simulator: { name: 'mujoco', version: '3.14.0' },
  controlMode: 'tip_displacement',
  controlPeriod: 0.05,
  observation: { size: 3, quantities: ['a', 'b', 'c'].map(name => ({ name, unit: 'm × 4' })) },
  action: { size: 2, normalized: true, low: [-0.03, -1], high: [0.03, 1], quantities: null },
  policy: { name: 'expert', noise: 0.3 },
  seed: 7,
  onlySuccessful: true,
  software: { name: 'graspbridge', version: '0.1.0' },
};

/** Finite float32 numbers of any bits: denormal, huge, −0. */
function anyFloats(random: Random, length: number): Float32Array {
  const bits = new Uint32Array(length);
  const floats = new Float32Array(bits.buffer);
  for (let i = 0; i < length; i++) {
    do bits[i] = random.uint32();
    while (!Number.isFinite(floats[i]));
  }
  floats[0] = -0;
  return floats;
}

/** An episode of random bits, with the transitions following each other or not. */
export function anyEpisode(random: Random, length: number, contiguous: boolean, of: Partial<Episode> = {}): Episode {
  const observations = anyFloats(random, 3 * length);
  const nextObservations = anyFloats(random, 3 * length);
  if (contiguous) nextObservations.set(observations.subarray(3));
  return {
    length,
    observations,
    nextObservations,
    actions: Float32Array.from({ length: 2 * length }, () => random.uniform(-1, 1)),
    rewards: Float64Array.from({ length }, () => random.normal() * 1e-3),
    end: 'terminated',
    success: true,
    start: { seed: random.uint32() },
    ...of,
  };
}

/** Episodes of every kind there is. */
export function sampleEpisodes(): Episode[] {
  const random = new Random(11);
  return [
    anyEpisode(random, 4, true),
    anyEpisode(random, 1, true, { end: 'truncated', success: false }),
    anyEpisode(random, 3, false, { start: { seed: 5, options: { targetYaw: 0.1 } } }),
    anyEpisode(random, 7, true, { end: 'truncated', success: null, start: null }),
    anyEpisode(random, 2, true),
  ];
}

export async function writeDemos(
  path: string,
  episodes: readonly Episode[],
  metadata: DemonstrationMetadata | null = METADATA,
): Promise<string> {
  const writer = await createDemonstrations(path, metadata);
  for (const episode of episodes) await writer.write(episode);
  await writer.close();
  return path;
}

export async function readDemos(path: string, options?: ReadOptions) {
  const reader = await openDemonstrations(path, options);
  try {
    const episodes: Episode[] = [];
    for await (const episode of reader.episodes()) episodes.push(episode);
    return { metadata: reader.metadata, episodes, incomplete: reader.incomplete };
  } finally {
    await reader.close();
  }
}

const bits = (array: Float32Array | Float64Array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex');

/** Episodes with their arrays as bits, so that NaN equals NaN and 0 differs from −0. */
export function exactly(episodes: readonly Episode[]): unknown[] {
  return episodes.map(episode => ({
    ...episode,
    observations: bits(episode.observations),
    nextObservations: bits(episode.nextObservations),
    actions: bits(episode.actions),
    rewards: bits(episode.rewards),
  }));
}
