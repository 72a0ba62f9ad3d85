import { createSac, ReplayBuffer, type SacOptions, type SacPolicy } from '../../src/agents/index.ts';
import { Random } from '../../src/common/random.ts';
import type { Engine } from '../../src/engine/index.ts';

export const OBSERVATIONS = 5;
export const ACTIONS = 2;

/** A small agent, so that a test takes milliseconds. */
export const SMALL: SacOptions = { actorHidden: [16, 16], criticHidden: [16, 16], batchSize: 8 };

export function smallSac(engine: Engine, seed = 1, options: SacOptions = {}): Promise<SacPolicy> {
  return createSac({
    observationSize: OBSERVATIONS,
    actionSize: ACTIONS,
    engine,
    random: new Random(seed),
    options: { ...SMALL, ...options },
  });
}

/** A replay buffer of random transitions, one in ten of them terminal. */
export function randomReplay(seed: number, size = 100): ReplayBuffer {
  const random = new Random(seed);
  const replay = new ReplayBuffer({ observationSize: OBSERVATIONS, actionSize: ACTIONS, capacity: size });
  const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
  for (let i = 0; i < size; i++)
    replay.add({
      observation: normal(OBSERVATIONS),
      action: Float32Array.from({ length: ACTIONS }, () => random.uniform(-1, 1)),
      reward: random.normal(),
      nextObservation: normal(OBSERVATIONS),
      discount: random.uniform() < 0.1 ? 0 : 0.95,
    });
  return replay;
}

/** Updates on batches drawn with `seed`; the last one's metrics. */
export async function learn(policy: SacPolicy, updates: number, seed = 7): Promise<Record<string, number>> {
  const replay = randomReplay(3);
  const random = new Random(seed);
  let metrics = {};
  for (let i = 0; i < updates; i++) {
    replay.sampleInto(policy.batch, random);
    metrics = { ...(await policy.learnOnBatch(policy.batch)) };
  }
  return metrics;
}
