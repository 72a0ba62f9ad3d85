import * as tf from '@tensorflow/tfjs-core';
import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import type { Random } from '../common/random.ts';
import { randomFromState, randomToState } from '../common/random-state.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { Engine, LossResult, ParameterGroup, Parameters, Tensors, Update } from '../engine/index.ts';
import { type ActorCritic, stateWidths } from './actor-critic.ts';
import { runPolicyNetworks } from './engine-policy-networks.ts';
import type { EnginePolicyOptions } from './engine-policy-options.ts';
import type { EnginePolicySpec, LossContext } from './engine-policy-spec.ts';
import { gatherRows, type MiniBatch, rowMiniBatches, sequenceMiniBatches } from './mini-batches.ts';
import type { PolicyGradients, SampleBatch } from './policy.ts';

export interface EngineLearningParts<O extends object> {
  readonly spec: EnginePolicySpec<O>;
  readonly options: EnginePolicyOptions & O;
  readonly model: ActorCritic;
  readonly engine: Engine;
  /** The policy's parameters first. */
  readonly groups: readonly ParameterGroup[];
  /** Shuffles. */
  readonly random: Random;
}

/** 1 for rows that count, 0 for padding. */
const MASK = 'mask';

/** How a policy made of losses learns: epochs of mini-batches over a batch, compiled when its columns are known. */
export class EngineLearning<O extends object> {
  /** What the learning rate is multiplied by. */
  learningRateScale = 1;
  private readonly parts: EngineLearningParts<O>;
  /** Columns that the update was compiled for, with their widths. */
  private widths: Readonly<Record<string, number>> | null = null;
  private update: Update | null = null;

  constructor(parts: EngineLearningParts<O>) {
    this.parts = parts;
  }

  /** Learns from a batch. The metrics are means over its mini-batches. */
  async learn(given: SampleBatch): Promise<Record<string, number>> {
    const { spec, options } = this.parts;
    const batch = spec.prepareBatch?.(given, options) ?? given;
    const update = await this.compiled(batch);
    update.setLearningRateScale(this.learningRateScale);
    const sums: Record<string, number> = {};
    let steps = 0;
    let stopped = false;
    for (let epoch = 0; epoch < options.epochs && !stopped; epoch++)
      for (const miniBatch of this.miniBatches(batch)) {
        this.fill(update, batch, miniBatch);
        const metrics = await update.run();
        for (const [name, value] of Object.entries(metrics)) sums[name] = (sums[name] ?? 0) + value;
        steps++;
        stopped = spec.stop?.(metrics, options) ?? false;
        if (stopped) break;
      }
    const means = Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / steps]));
    return { ...means, gradientSteps: steps };
  }

  /** The gradients of the batch's first mini-batch. */
  async computeGradients(given: SampleBatch): Promise<PolicyGradients> {
    const { spec, options } = this.parts;
    const batch = spec.prepareBatch?.(given, options) ?? given;
    const update = await this.compiled(batch);
    const [first] = this.miniBatches(batch);
    if (first === undefined) throw new UsageError('Computing gradients on a batch without rows. Add steps first.');
    this.fill(update, batch, first);
    return update.computeGradients();
  }

  async applyGradients(gradients: PolicyGradients['gradients']): Promise<void> {
    if (this.update === null)
      throw new UsageError('Applying gradients before any were computed. Call computeGradients or learnOnBatch first.');
    this.update.setLearningRateScale(this.learningRateScale);
    await this.update.applyGradients(gradients);
  }

  async getState(): Promise<StateDict> {
    return {
      widths: this.widths,
      optimizer: (await this.update?.getState()) ?? null,
      random: randomToState(this.parts.random),
    };
  }

  /** Throws UsageError and its kin where the state is another policy's. */
  async setState({ widths, optimizer, random }: StateDict): Promise<void> {
    randomFromState(this.parts.random, random);
    if (widths === null) return;
    // What getState wrote; an optimizer of other sizes is refused by the update.
    const update = await this.compile(widths as Readonly<Record<string, number>>);
    await update.setState(optimizer as StateDict);
  }

  async close(): Promise<void> {
    await this.update?.close();
    this.update = null;
  }

  private get sequences(): { readonly steps: number; readonly count: number } | null {
    const { options, model } = this.parts;
    if (model.core === null) return null;
    const steps = options.sequenceLength;
    return { steps, count: Math.ceil(options.miniBatchSize / steps) };
  }

  private miniBatches(batch: SampleBatch): MiniBatch[] {
    const { options, random } = this.parts;
    const { sequences } = this;
    if (sequences === null) return rowMiniBatches(batch.size, options.miniBatchSize, random);
    return sequenceMiniBatches(batch.lengths, sequences.steps, sequences.count, random);
  }

  private fill(update: Update, batch: SampleBatch, { rows, starts }: MiniBatch): void {
    for (const [name, width] of Object.entries(this.widths ?? {})) {
      const column = batch.columns[name];
      const into = update.inputs[name];
      if (column === undefined || into === undefined || column.length !== batch.size * width)
        throw new UsageError(
          `Learning on a batch: its column "${name}" should be ${batch.size} × ${width} numbers, but is ` +
            `${column === undefined ? 'missing' : `${column.length} numbers`}. Batches of one policy have the same columns.`,
        );
      gatherRows(column, width, isStateIn(name) ? starts : rows, into);
    }
    const mask = update.inputs[MASK] as Float32Array; // Declared below.
    for (let i = 0; i < rows.length; i++) mask[i] = (rows[i] as number) < 0 ? 0 : 1;
  }

  private async compiled(batch: SampleBatch): Promise<Update> {
    if (this.update !== null) return this.update;
    const entries = Object.entries(batch.columns).map(([name, { length }]) => [name, length / batch.size] as const);
    return this.compile(Object.fromEntries(entries));
  }

  private async compile(widths: Readonly<Record<string, number>>): Promise<Update> {
    await this.update?.close();
    const { options, groups, engine, model, spec } = this.parts;
    const { sequences } = this;
    const rows = sequences === null ? options.miniBatchSize : sequences.steps * sequences.count;
    // Without memory no state is learned from.
    const used = Object.entries(widths).filter(
      ([name]) => !/^state_/.test(name) || (isStateIn(name) && model.core !== null),
    );
    const inputs = used.map(
      ([name, width]) => [name, [isStateIn(name) ? (sequences?.count ?? 1) : rows, width]] as const,
    );
    const { learningRate, maxGradientNorm } = options;
    this.update = await engine.compileUpdate({
      groups,
      inputs: { ...Object.fromEntries(inputs), [MASK]: [rows, 1] },
      stages: [
        [
          {
            name: 'loss',
            group: groups[0] as ParameterGroup,
            // The epsilon of OpenAI's baselines, which on-policy settings have been tuned with ever since.
            optimizer: { learningRate, epsilon: 1e-5 },
            ...(maxGradientNorm > 0 ? { maxGradientNorm } : {}),
            loss: (parameters, batch) => this.loss(spec, parameters, batch, sequences?.steps ?? 1),
          },
        ],
      ],
    });
    this.widths = Object.fromEntries(used);
    return this.update;
  }

  private loss(spec: EnginePolicySpec<O>, parameters: Parameters, batch: Tensors, steps: number): LossResult {
    const { model, options } = this.parts;
    const column = (name: string): tf.Tensor => {
      const tensor = Object.hasOwn(batch, name) ? batch[name] : undefined;
      if (tensor !== undefined) return tensor;
      throw new UsageError(
        `The loss of ${spec.name} reads the column "${name}", which its batches do not have.${suggestion(name, Object.keys(batch))}`,
      );
    };
    const states = stateWidths(model).map((_, i) => column(`state_in_${i}`));
    const outputs = runPolicyNetworks(model, options, parameters, column('observations'), states, steps);
    const { distribution } = model;
    const mask = column(MASK);
    const context: LossContext<O> = {
      options,
      distribution,
      distributionInputs: outputs.distributionInputs,
      get values(): tf.Tensor {
        if (outputs.values !== null) return outputs.values;
        throw new UsageError(`The loss of ${spec.name} reads values, but there is no critic. Set valueFunction.`);
      },
      get logProbabilities() {
        return distribution.logProbabilities(outputs.distributionInputs, column('actions'));
      },
      get entropies() {
        return distribution.entropies(outputs.distributionInputs);
      },
      batch: new Proxy(batch, { get: (_, name) => column(String(name)) }),
      mean: x => tf.div(tf.sum(tf.mul(x, mask)), tf.sum(mask)) as tf.Scalar, // Two scalars' quotient is one.
    };
    return spec.loss(context);
  }
}

const isStateIn = (name: string) => name.startsWith('state_in_');
