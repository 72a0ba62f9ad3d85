import * as tf from '@tensorflow/tfjs-core';
import type { StateDict } from '../../common/state-dict.ts';
import type { AdamOptions, Gradients, LossSpec, Parameters, Tensors, Update, UpdateSpec } from '../engine.ts';
import { NonFiniteLossError } from '../errors.ts';
import { withGradients } from '../gradients/index.ts';
import { differentiate } from '../losses.ts';
import { adamStepAt } from '../optimizer/adam.ts';
import { checkGradient, clippingFactor } from '../optimizer/gradient-norm.ts';
import { type OptimizerSlot, readSlots, writeSlots } from '../optimizer/slots.ts';
import { checkUpdate, sizeOfShape } from '../spec.ts';
import { onBackend, type TfjsBackend } from './backends.ts';
import { readFlat, type TfjsGroup, tfjsGroup, writeFlat, zeroVariables } from './group.ts';
import { adam, polyak } from './optimizer.ts';

/** One loss with its optimizer's memory. */
interface PreparedLoss {
  readonly spec: LossSpec;
  readonly group: TfjsGroup;
  readonly optimizer: AdamOptions;
  readonly first: readonly tf.Variable[];
  readonly second: readonly tf.Variable[];
  steps: number;
}

/** A parameter update computed operation by operation on a TF.js backend. */
export class TfjsUpdate implements Update {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  private readonly backend: TfjsBackend;
  private readonly spec: UpdateSpec;
  private readonly groups: readonly TfjsGroup[];
  private readonly stages: readonly (readonly PreparedLoss[])[];
  private readonly metrics: Record<string, number> = {};
  private learningRateScale = 1;

  constructor(backend: TfjsBackend, spec: UpdateSpec) {
    checkUpdate(spec);
    this.backend = backend;
    this.spec = spec;
    this.groups = spec.groups.map(tfjsGroup);
    this.inputs = Object.fromEntries(
      Object.entries(spec.inputs).map(([name, shape]) => [name, new Float32Array(sizeOfShape(shape))]),
    );
    this.stages = spec.stages.map(stage =>
      stage.map(loss => ({
        spec: loss,
        group: tfjsGroup(loss.group),
        optimizer: loss.optimizer,
        first: Object.values(zeroVariables(backend, loss.group.shapes)),
        second: Object.values(zeroVariables(backend, loss.group.shapes)),
        steps: 0,
      })),
    );
  }

  async run(stages = this.stages.length): Promise<Readonly<Record<string, number>>> {
    // What a stage that does not run reported last time is not this run's.
    for (const name in this.metrics) delete this.metrics[name];
    for (const stage of this.stages.slice(0, stages))
      onBackend(this.backend, () => {
        const gradients = this.differentiateStage(stage);
        stage.forEach((loss, i) => {
          this.move(loss, gradients[i] as tf.Tensor[]);
        });
      });
    this.moveTargets();
    return this.metrics;
  }

  async computeGradients(): Promise<Gradients> {
    for (const name in this.metrics) delete this.metrics[name];
    const gradients: Record<string, Float32Array> = {};
    for (const stage of this.stages)
      onBackend(this.backend, () => {
        for (const [i, tensors] of this.differentiateStage(stage).entries()) {
          const { spec } = stage[i] as PreparedLoss; // One list a loss.
          gradients[spec.name] = flat(tensors).dataSync() as Float32Array; // Of float32 tensors.
        }
      });
    return { gradients, metrics: { ...this.metrics } };
  }

  async applyGradients(gradients: Readonly<Record<string, Float32Array>>): Promise<void> {
    const losses = this.stages.flat();
    for (const { spec, group } of losses) checkGradient(spec.name, group.size, gradients[spec.name]);
    onBackend(this.backend, () => {
      for (const loss of losses) {
        let offset = 0;
        const values = gradients[loss.spec.name] as Float32Array; // Checked above.
        const tensors = loss.group.list().map(({ shape, size }) => {
          offset += size;
          return tf.tensor(values.slice(offset - size, offset), shape);
        });
        this.move(loss, tensors);
      }
    });
    this.moveTargets();
  }

  setLearningRateScale(scale: number): void {
    this.learningRateScale = scale;
  }

  private moveTargets(): void {
    onBackend(this.backend, () => {
      for (const { target, source, rate } of this.spec.polyak ?? [])
        polyak(tfjsGroup(target).list(), tfjsGroup(source).list(), rate);
    });
  }

  /** One step of a loss's optimizer. */
  private move(loss: PreparedLoss, gradients: readonly tf.Tensor[]): void {
    const limit = loss.spec.maxGradientNorm;
    const factor = limit === undefined ? 1 : clippingFactor(flat(gradients).dataSync() as Float32Array, limit);
    const clipped = factor < 1 ? gradients.map(gradient => tf.mul(gradient, factor)) : gradients;
    loss.steps++;
    const step = adamStepAt(loss.optimizer, loss.steps, this.learningRateScale);
    adam(loss.group.list(), clipped, loss.first, loss.second, step);
  }

  /** The gradients of a stage's losses, a tensor for each parameter; reports the losses on the way. */
  private differentiateStage(stage: readonly PreparedLoss[]): tf.Tensor[][] {
    const parameters: Parameters = Object.fromEntries(this.groups.map(group => [group.name, group.tensors]));
    const batch: Tensors = Object.fromEntries(
      Object.entries(this.spec.inputs).map(([name, shape]) => [
        name,
        tf.tensor((this.inputs[name] as Float32Array).slice(), shape as number[]),
      ]),
    );
    return stage.map(({ spec, group }) => {
      const { loss, metrics, gradients } = withGradients(() => differentiate(spec, parameters, batch));
      try {
        this.report(spec.name, { loss, ...metrics });
      } finally {
        for (const metric of Object.values(metrics)) metric.dispose();
      }
      const list = Object.keys(group.shapes).map(name => gradients[name] as tf.Tensor); // One for each parameter.
      // x · 0 is 0 for a finite x and NaN for all others; one number read back instead of all.
      const check = list.map(gradient => tf.sum(tf.mul(gradient, 0))).reduce((sum, zero) => tf.add(sum, zero));
      if (check.dataSync()[0] !== 0) throw new NonFiniteLossError(spec.name, 'gradient', Number.NaN);
      return list;
    });
  }

  private report(loss: string, scalars: Readonly<Record<string, tf.Scalar>>): void {
    for (const [quantity, tensor] of Object.entries(scalars)) {
      const value = tensor.dataSync()[0] as number;
      if (!Number.isFinite(value)) throw new NonFiniteLossError(loss, quantity, value);
      this.metrics[quantity === 'loss' ? loss : quantity] = value;
    }
  }

  async getState(): Promise<StateDict> {
    return readSlots(await this.slots());
  }

  async setState(state: StateDict): Promise<void> {
    const losses = this.stages.flat();
    const slots = await this.slots();
    writeSlots(slots, state);
    losses.forEach((loss, i) => {
      const slot = slots[i] as OptimizerSlot;
      loss.steps = slot.steps;
      writeFlat(this.backend, loss.first, slot.first);
      writeFlat(this.backend, loss.second, slot.second);
    });
  }

  async close(): Promise<void> {
    for (const { first, second } of this.stages.flat())
      for (const variable of [...first, ...second]) variable.dispose();
  }

  private slots(): Promise<OptimizerSlot[]> {
    return Promise.all(
      this.stages.flat().map(async ({ spec, group, steps, first, second }) => ({
        name: spec.name,
        size: group.size,
        steps,
        first: await readFlat(first, group.size),
        second: await readFlat(second, group.size),
      })),
    );
  }
}

/** Tensors one after the other as one vector. */
function flat(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.concat1d(tensors.map(tensor => tf.reshape(tensor, [tensor.size])) as tf.Tensor1D[]);
}
