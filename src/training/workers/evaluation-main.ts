import { createHash } from 'node:crypto';
import type { Policy } from '../../agents/index.ts';
import { Random } from '../../common/random.ts';
import type { StateDict } from '../../common/state-dict.ts';
import { createEngine } from '../../engine/index.ts';
import type { Box, Env, Space } from '../../envs/index.ts';
import { loadAlgorithm } from '../algorithms.ts';
import { readCheckpoint, writeCheckpoint } from '../checkpoint.ts';
import { flatten } from '../checkpoint-format.ts';
import type { TrainConfig } from '../config.ts';
import { CheckpointWriteError } from '../errors.ts';
import { type CheckedGoal, Evaluator } from '../evaluator.ts';
import type { EvaluationRecord } from '../metrics.ts';
import { createPolicy, openAnyEnv } from '../setup.ts';
import { asState } from '../state.ts';
import { Stopwatch } from '../stopwatch.ts';
import type { EvaluationSeeds } from '../streams.ts';
import { beChild } from './child-process.ts';

/** What the evaluation process is asked. */
export interface EvaluationOrder {
  readonly config: TrainConfig;
  readonly seeds: EvaluationSeeds;
  /** The run's id. */
  readonly run: string;
  readonly envSteps: number;
  readonly updates: number;
  /** Where the policy's checkpoint is to be written. */
  readonly path: string;
  /** All of the policy's state. */
  readonly policy: StateDict;
  /** Training time at this point, s. */
  readonly seconds: number;
}

/** What it answers. */
export type EvaluationAnswer =
  | {
      readonly kind: 'checked';
      readonly checked: CheckedGoal;
      readonly records: readonly EvaluationRecord[];
    }
  /** The checkpoint could not be written, so nothing was evaluated. */
  | { readonly kind: 'skipped'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string };

let env: Env<Box, Space> | null = null;
let policy: Policy | null = null;

async function createFor(config: TrainConfig, env: Env<Box, Space>): Promise<Policy> {
  const algorithm = await loadAlgorithm(config.algorithm);
  const { backend, device, threads } = config;
  const engine = await createEngine({ backend, device, threads });
  return createPolicy(algorithm, config, env, engine, new Random(config.seed));
}

/** Writes the policy's checkpoint, reads it back, and evaluates what stands there. */
async function evaluateCheckpoint(order: EvaluationOrder): Promise<EvaluationAnswer> {
  const { config, seeds, run, envSteps, updates, path } = order;
  // A module with an algorithm of one's own may register the environment, too.
  await loadAlgorithm(config.algorithm);
  env ??= await openAnyEnv(config);
  policy ??= await createFor(config, env);
  const state = { learner: { policy: order.policy } };
  const meta = { config: { ...config }, run, envSteps, updates };
  writeCheckpoint(path, { meta: { ...meta, evaluation: null }, state });
  await policy.setState(asState(asState(readCheckpoint(path).state, 'learner'), 'policy'));
  const weights = hashOf(await policy.getWeights());
  const records: EvaluationRecord[] = [];
  const evaluator = new Evaluator({
    ...{ config, policy, env, seeds, signal: undefined, clock: new Stopwatch(order.seconds) },
    onRecord: record => records.push({ ...record, weights }),
  });
  const checked = await evaluator.checkGoal(envSteps);
  if (checked === null) throw new Error('An evaluation without a signal was cut short.');
  writeCheckpoint(path, { meta: { ...meta, evaluation: checked.result }, state });
  return { kind: 'checked', checked, records };
}

/** The first twelve digits of the SHA-256 of all the weights' numbers. */
function hashOf(weights: StateDict): string {
  const hash = createHash('sha256');
  for (const array of flatten(weights).arrays)
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest('hex').slice(0, 12);
}

beChild().addEventListener('abort', async () => {
  await Promise.resolve(env?.close()).finally(() => process.exit(0));
});

/** Evaluates and sends the result, whatever it is. */
async function answer(order: EvaluationOrder): Promise<void> {
  const result = await evaluateCheckpoint(order).catch(
    (error: unknown): EvaluationAnswer => ({
      kind: error instanceof CheckpointWriteError ? 'skipped' : 'failed',
      text: error instanceof Error ? error.message : String(error),
    }),
  );
  // If the training has ended meanwhile, its channel is closed and this process ends with it.
  process.send?.(result, undefined, {}, () => {});
}

process.on('message', (order: EvaluationOrder) => void answer(order));
