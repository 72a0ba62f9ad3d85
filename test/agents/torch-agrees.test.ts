import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { perceptronShapes } from '../../src/agents/networks.ts';
import { criticPrefixes, sacNetworks } from '../../src/agents/sac/networks.ts';
import { resolveSacOptions } from '../../src/agents/sac/options.ts';
import { compileSacUpdate } from '../../src/agents/sac/update.ts';
import type { Engine } from '../../src/engine/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import { createTfjsEngine } from '../../src/engine/tfjs/engine.ts';

type Group = 'actor' | 'critics' | 'targets' | 'temperature';

interface Recording {
  readonly start: Readonly<Record<Exclude<Group, 'targets'>, number[]>>;
  readonly updates: readonly {
    readonly inputs: Readonly<Record<string, number[]>>;
    readonly losses: Readonly<Record<string, number>>;
  }[];
  readonly end: Readonly<Record<Group, number[]>>;
}

/** What torch-sac.py wrote: five updates of PyTorch 1.13, its noise included. */
const recorded = JSON.parse(readFileSync(new URL('../fixtures/torch-sac.json', import.meta.url), 'utf8')) as {
  readonly options: Readonly<Record<'observationSize' | 'actionSize' | 'batchSize', number>> & {
    readonly hidden: number[];
    readonly learningRate: number;
    readonly tau: number;
    readonly targetEntropy: number;
    readonly logStandardDeviationBounds: [number, number];
  };
  readonly withLayerNorm: Recording;
  readonly withoutLayerNorm: Recording;
};

async function replay(engine: Engine, recording: Recording, criticLayerNorm: boolean): Promise<void> {
  const { observationSize, actionSize, hidden, ...rest } = recorded.options;
  const options = resolveSacOptions(
    { ...rest, actorHidden: hidden, criticHidden: hidden, criticLayerNorm },
    actionSize,
  );
  const networks = sacNetworks(observationSize, actionSize, options);
  const criticShapes = Object.assign({}, ...criticPrefixes(networks).map(p => perceptronShapes(networks.critic, p)));
  const groups = {
    actor: engine.createGroup('actor', perceptronShapes(networks.actor)),
    critics: engine.createGroup('critics', criticShapes),
    targets: engine.createGroup('targets', criticShapes),
    temperature: engine.createGroup('temperature', { logAlpha: [] }),
  };
  const start = { ...recording.start, targets: recording.start.critics };
  for (const name of Object.keys(groups) as Group[]) await groups[name].write(Float32Array.from(start[name]));
  const { update } = await compileSacUpdate({ engine, networks, groups, options, observationSize, actionSize });

  for (const { inputs, losses } of recording.updates) {
    for (const [name, values] of Object.entries(inputs)) update.inputs[name]?.set(values);
    const metrics = await update.run();
    for (const [name, value] of Object.entries(losses))
      expect(Math.abs((metrics[name] as number) - value), name).toBeLessThanOrEqual(
        1e-5 * Math.max(0.1, Math.abs(value)),
      );
  }
  for (const name of Object.keys(groups) as Group[]) {
    const values = await groups[name].read();
    const largest = Math.max(...recording.end[name].map(Math.abs));
    const difference = Math.max(...recording.end[name].map((v, i) => Math.abs(v - (values[i] as number))));
    expect(difference, name).toBeLessThanOrEqual(1e-4 * largest);
    // The comparison means nothing where nothing moved.
    const moved = Math.max(...start[name].map((v, i) => Math.abs(v - (values[i] as number))));
    expect(moved, `${name} moved`).toBeGreaterThan(name === 'targets' ? 1e-5 : 1e-3);
  }
}

const engines = { onnx: () => createEngine(), 'tfjs on its cpu backend': () => createTfjsEngine('cpu', 'cpu') };
for (const [name, create] of Object.entries(engines)) {
  test(`${name} makes the losses and parameters that PyTorch made, with layer normalization`, async () => {
    await replay(await create(), recorded.withLayerNorm, true);
  });
  test(`${name} makes the losses and parameters that PyTorch made, without layer normalization`, async () => {
    await replay(await create(), recorded.withoutLayerNorm, false);
  });
}

test('rewards are normalized by the standard deviation of the sample, as PyTorch computes it', async () => {
  const engine = await createEngine();
  const sizes = { observationSize: 2, actionSize: 1 };
  const options = resolveSacOptions(
    { rewardNormalization: 10, critics: 1, batchSize: 4, actorHidden: [2], criticHidden: [2] },
    sizes.actionSize,
  );
  const networks = sacNetworks(sizes.observationSize, sizes.actionSize, options);
  const criticShapes = Object.assign({}, ...criticPrefixes(networks).map(p => perceptronShapes(networks.critic, p)));
  const groups = {
    actor: engine.createGroup('actor', perceptronShapes(networks.actor)),
    critics: engine.createGroup('critics', criticShapes),
    targets: engine.createGroup('targets', criticShapes),
    temperature: engine.createGroup('temperature', { logAlpha: [] }),
  };
  const { update } = await compileSacUpdate({ engine, networks, groups, options, ...sizes });
  // Groups and discounts are zero: values are 0, targets the rewards alone, and the loss is the mean of their squares.
  update.inputs.rewards?.set([1, 2, 4, 9]);
  const { criticLoss } = await update.run();
  // Their squared deviations from the mean add up to n − 1 variances.
  expect(criticLoss).toBeCloseTo(10 ** 2 * (3 / 4), 3);
  await engine.close();
});
