import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Engine } from '../../src/engine/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import { createTfjsEngine } from '../../src/engine/tfjs/engine.ts';

interface Recurrent {
  readonly steps: number;
  readonly count: number;
  readonly inputSize: number;
  readonly size: number;
  readonly parameters: number[];
  readonly gradients: number[];
  readonly inputs: number[];
  readonly weights: number[];
  readonly states: number[][];
  readonly outputs: number[];
  readonly after: number[][];
}

type Distribution = Record<
  'inputs' | 'oldInputs' | 'actions' | 'logProbabilities' | 'entropies' | 'divergences',
  number[]
>;

interface Ppo {
  readonly start: number[];
  readonly observations: number[];
  readonly actions: number[];
  readonly actionLogProbabilities: number[];
  readonly valuePredictions: number[];
  readonly advantages: number[];
  readonly returns: number[];
  readonly updates: readonly (Readonly<
    Record<'loss' | 'policyLoss' | 'valueLoss' | 'entropy' | 'divergence' | 'clipFraction', number>
  > & { readonly gradients: number[] })[];
  readonly end: number[];
}

/** What torch-policies.py wrote with PyTorch 1.13. */
export const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/torch-policies.json', import.meta.url), 'utf8'),
) as {
  readonly returns: { readonly steps: number; readonly environments: number; readonly gamma: number } & {
    readonly lambda: number;
  } & Readonly<
      Record<
        'rewards' | 'values' | 'masks' | 'badMasks' | 'gae' | 'gaeProper' | 'discounted' | 'discountedProper',
        number[]
      >
    >;
  readonly distributions: {
    readonly rows: number;
    readonly gaussian: Distribution;
    readonly categorical: Distribution;
    readonly squashed: Readonly<Record<'mean' | 'logStandardDeviation' | 'actions' | 'logProbabilities', number[]>>;
  };
  readonly gru: Recurrent;
  readonly lstm: Recurrent;
  readonly ppo: {
    readonly observationSize: number;
    readonly rows: number;
    readonly hidden: number;
    readonly options: Readonly<Record<string, number>>;
    readonly continuous: Ppo;
    readonly discrete: Ppo;
  };
};

export const engines: readonly (readonly [string, () => Promise<Engine>])[] = [
  ['onnx', () => createEngine()],
  ['tfjs on its cpu backend', () => createTfjsEngine('cpu', 'cpu')],
];

/** To 1e-5, relative to the number where that is larger than one. */
export function expectClose(found: ArrayLike<number>, wanted: readonly number[], what: string): void {
  expect(found.length, what).toBe(wanted.length);
  for (const [i, value] of wanted.entries())
    expect(
      Math.abs((found[i] as number) - value),
      `${what}, number ${i}: ${found[i]}, not ${value}`,
    ).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
}
