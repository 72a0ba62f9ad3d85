import { expect, test } from 'vitest';
import { ppo } from '../../src/agents/ppo/ppo.ts';
import { Random } from '../../src/common/random.ts';
import type { Engine } from '../../src/engine/index.ts';
import { engines, expectClose, recorded } from './torch-policies.ts';

const { observationSize, rows, hidden, options } = recorded.ppo;
const COLUMNS = [
  'observations',
  'actions',
  'actionLogProbabilities',
  'valuePredictions',
  'advantages',
  'returns',
] as const;

async function prepare(engine: Engine, kind: 'continuous' | 'discrete', padding: number) {
  const given = recorded.ppo[kind];
  const policy = await ppo.create({
    observationSize,
    actions: kind === 'continuous' ? { kind: 'box', size: 2 } : { kind: 'discrete', n: 3 },
    engine,
    random: new Random(1),
    options: {
      ...options,
      hidden: [hidden],
      epochs: 1,
      // Rows in another order, and padding among them, are the same mini-batch.
      miniBatchSize: rows + padding,
      learningRateDecay: 'linear',
    },
  });
  const { normalizer } = await policy.getWeights();
  await policy.setWeights({ policy: Float32Array.from(given.start), normalizer: normalizer as Float32Array });
  const columns = Object.fromEntries(COLUMNS.map(name => [name, Float32Array.from(given[name])]));
  return { given, policy, batch: { size: rows, columns, lengths: [rows] } };
}

for (const [engineName, create] of engines)
  for (const kind of ['continuous', 'discrete'] as const)
    for (const padding of [0, 5])
      test(`PPO, ${kind}: losses, gradients and parameters are PyTorch's, on ${engineName}, ${padding} rows of padding`, async () => {
        const engine = await create();
        const { given, policy, batch } = await prepare(engine, kind, padding);
        for (const [update, { gradients, ...losses }] of given.updates.entries()) {
          const computed = await policy.computeGradients(batch);
          expectClose(computed.gradients.loss as Float32Array, gradients, 'gradients');
          policy.onProgress(update, 4);
          const metrics = await policy.learnOnBatch(batch);
          for (const [name, value] of Object.entries(losses))
            expect(Math.abs((metrics[name] ?? Number.NaN) - value), name).toBeLessThanOrEqual(1e-5);
        }
        const { policy: end } = await policy.getWeights();
        expectClose(end as Float32Array, given.end, 'parameters');
        const moved = Math.max(...given.end.map((value, i) => Math.abs(value - (given.start[i] as number))));
        expect(moved).toBeGreaterThan(3e-3);
        await engine.close();
      });

test('gradients computed here and applied there move a policy as learning does', async () => {
  const [, create] = engines[0] as (typeof engines)[0];
  const engine = await create();
  const { policy, batch } = await prepare(engine, 'discrete', 0);
  const other = await prepare(engine, 'discrete', 0);
  await expect(other.policy.applyGradients({})).rejects.toThrow('before any were computed');
  await other.policy.computeGradients(batch);
  const { gradients } = await policy.computeGradients(batch);
  await policy.learnOnBatch(batch);
  await other.policy.applyGradients(gradients);
  expect(await other.policy.getWeights()).toEqual(await policy.getWeights());
  await expect(other.policy.applyGradients({ loss: new Float32Array(3) })).rejects.toThrow(
    /needs \d+ numbers, but got 3/,
  );
  await engine.close();
});
