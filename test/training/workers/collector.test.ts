import { expect, test } from 'vitest';
import { floatsOf } from '../../../src/training/bus/index.ts';
import type { Chunk } from '../../../src/training/workers/chunk-builder.ts';
import { splitColumns, transitionLayout } from '../../../src/training/workers/layout.ts';
import { Workplace } from '../../../src/training/workers/workplace.ts';
import '../point-env.ts';

const JOB = {
  ...{ env: 'Point-v0', envOptions: {}, simulator: 'mujoco', simulatorOptions: {}, algorithm: 'sac' },
  agentOptions: { actorHidden: [8], criticHidden: [8], batchSize: 4, nStep: 3, gamma: 0.5 },
  ...{ backend: 'onnx' as const, maxEpisodeSteps: 7, envs: 3 },
};

async function collect(seed: number, weighted: boolean, steps = 40): Promise<Chunk[]> {
  const workplace = await Workplace.open(JOB);
  const collector = await workplace.collector(seed);
  const other = await (await Workplace.open(JOB)).collector(99);
  if (weighted) await collector.setWeights(await other.policyWeights(), 1);
  const chunks: Chunk[] = [];
  for (let i = 0; i < steps; i++) {
    await collector.step();
    if (collector.chunk.steps >= 12) chunks.push(collector.chunk.seal(collector.weights));
  }
  await workplace.close();
  return chunks;
}

test.each([false, true])(
  'the same seed gives the same experience, another another (with weights: %s)',
  async weighted => {
    const [one, same, other] = [await collect(1, weighted), await collect(1, weighted), await collect(2, weighted)];
    expect(one).toEqual(same);
    expect(other.map(({ payload }) => payload)).not.toEqual(one.map(({ payload }) => payload));
  },
);

test('chunks hold every step once, n-step returns of whole trajectories, and the episodes that ended', async () => {
  const chunks = await collect(3, false, 70);
  const steps = chunks.reduce((sum, chunk) => sum + chunk.steps, 0);
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const episodes = chunks.flatMap(chunk => chunk.episodes);
  expect(chunks.every(chunk => chunk.steps === 12)).toBe(true);
  // Of each of the three environments at most two steps are not summed up yet.
  expect(steps - rows).toBeGreaterThanOrEqual(0);
  expect(steps - rows).toBeLessThanOrEqual(3 * 2);
  expect(episodes.every(([, length]) => length <= 7)).toBe(true);
  expect(episodes.length).toBeGreaterThan(20);

  const layout = transitionLayout({ observationSize: 2, actionSize: 2 });
  for (const chunk of chunks) {
    const { observations, nextObservations, discounts, rewards } = splitColumns(
      floatsOf(chunk.payload),
      chunk.rows,
      layout,
    );
    for (let i = 0; i < chunk.rows; i++) {
      const discount = discounts?.[i] as number;
      // γ = 0.5 to the power of one to three steps, or nothing after the goal.
      expect([0, 0.125, 0.25, 0.5]).toContain(discount);
      const [x = 0, y = 0] = nextObservations?.subarray(2 * i, 2 * i + 2) ?? [];
      expect(discount === 0).toBe(Math.hypot(x, y) < 0.2);
      // A step moves the point by 0.2 at most in each direction.
      const [x0 = 0, y0 = 0] = observations?.subarray(2 * i, 2 * i + 2) ?? [];
      expect(Math.max(Math.abs(x - x0), Math.abs(y - y0))).toBeLessThanOrEqual(0.6 + 1e-5);
      expect(Number.isFinite(rewards?.[i])).toBe(true);
    }
  }
});
