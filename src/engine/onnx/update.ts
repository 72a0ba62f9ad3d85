import type * as tf from '@tensorflow/tfjs-core';
import { closeAll } from '../../common/close-all.ts';
import type { StateDict } from '../../common/state-dict.ts';
import type { AdamOptions, Gradients, Update, UpdateSpec } from '../engine.ts';
import { NonFiniteLossError } from '../errors.ts';
import { differentiate } from '../losses.ts';
import { adamStepAt } from '../optimizer/adam.ts';
import { checkGradient, clippingFactor } from '../optimizer/gradient-norm.ts';
import type { OptimizerKernels } from '../optimizer/kernels.ts';
import { type OptimizerSlot, readSlots, writeSlots } from '../optimizer/slots.ts';
import { checkUpdate } from '../spec.ts';
import type { Arena } from './arena.ts';
import { allocateInputs, bindGradients, bindInputs, joinFlat, traceInputs } from './bindings.ts';
import type { Value } from './graph.ts';
import { type OnnxGroup, onnxGroup } from './group.ts';
import { OnnxProgram, type ProgramOptions } from './program.ts';
import { trace } from './trace.ts';

/** One loss ready to run: where its gradient goes and what moves its parameters. */
interface CompiledLoss extends OptimizerSlot {
  readonly group: OnnxGroup;
  readonly optimizer: AdamOptions;
  readonly maxGradientNorm: number;
  readonly gradients: Float32Array;
  /** `loss` and the metrics' names. */
  readonly quantities: readonly string[];
  /** The loss and its metrics. */
  readonly scalars: Float32Array;
}

interface CompiledStage {
  readonly program: OnnxProgram;
  readonly losses: readonly CompiledLoss[];
}

/** A parameter update whose gradients ONNX Runtime computes, one run a stage. */
export class OnnxUpdate implements Update {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  private readonly stages: readonly CompiledStage[];
  private readonly polyak: readonly {
    readonly target: Float32Array;
    readonly source: Float32Array;
    readonly rate: number;
  }[];
  private readonly kernels: OptimizerKernels;
  private readonly metrics: Record<string, number> = {};
  private learningRateScale = 1;

  private constructor(
    spec: UpdateSpec,
    inputs: Readonly<Record<string, Float32Array>>,
    stages: readonly CompiledStage[],
    kernels: OptimizerKernels,
  ) {
    this.inputs = inputs;
    this.stages = stages;
    this.kernels = kernels;
    this.polyak = (spec.polyak ?? []).map(({ target, source, rate }) => ({
      target: onnxGroup(target).vector,
      source: onnxGroup(source).vector,
      rate,
    }));
  }

  static async compile(
    spec: UpdateSpec,
    arena: Arena,
    kernels: OptimizerKernels,
    options: ProgramOptions,
  ): Promise<OnnxUpdate> {
    checkUpdate(spec);
    const groups = spec.groups.map(onnxGroup);
    const inputs = allocateInputs(spec.inputs);
    const buffers = bindInputs(groups, spec.inputs, inputs);
    const stages: CompiledStage[] = [];
    for (const stage of spec.stages) {
      const outputs: Record<string, { readonly value: Value; readonly data: Float32Array }> = {};
      const losses = trace(`tracing the losses ${stage.map(loss => `"${loss.name}"`).join(', ')}`, tracer => {
        const { parameters, batch } = traceInputs(tracer, groups, spec.inputs);
        return stage.map((loss): CompiledLoss => {
          const group = onnxGroup(loss.group);
          const result = differentiate(loss, parameters, batch);
          const gradients = arena.allocate(group.size);
          // There is one gradient for each parameter.
          const gradient = (name: string) => tracer.valueOf(result.gradients[name] as tf.Tensor);
          bindGradients(tracer.graph, group, gradient, gradients).forEach((output, i) => {
            outputs[`${loss.name}/gradients/${i}`] = output;
          });
          const named = Object.entries({ loss: result.loss, ...result.metrics });
          const scalars = new Float32Array(named.length);
          const values = named.map(([, tensor]) => tracer.valueOf(tensor));
          for (const metric of Object.values(result.metrics)) metric.dispose();
          outputs[`${loss.name}/scalars`] = { value: joinFlat(tracer.graph, values), data: scalars };
          return {
            name: loss.name,
            size: group.size,
            steps: 0,
            group,
            optimizer: loss.optimizer,
            maxGradientNorm: loss.maxGradientNorm ?? Infinity,
            gradients,
            quantities: named.map(([quantity]) => quantity),
            scalars,
            first: arena.allocate(group.size),
            second: arena.allocate(group.size),
          };
        });
      });
      stages.push({ program: await OnnxProgram.create(outputs, buffers, options), losses });
    }
    return new OnnxUpdate(spec, inputs, stages, kernels);
  }

  async run(stages = this.stages.length): Promise<Readonly<Record<string, number>>> {
    // What a stage that does not run reported last time is not this run's.
    for (const name in this.metrics) delete this.metrics[name];
    for (let i = 0; i < stages; i++) {
      const { program, losses } = this.stages[i] as CompiledStage;
      await program.run();
      for (const loss of losses) this.check(loss);
      for (const loss of losses) this.move(loss);
    }
    for (const { target, source, rate } of this.polyak) this.kernels.polyak(target, source, rate);
    return this.metrics;
  }

  async computeGradients(): Promise<Gradients> {
    for (const name in this.metrics) delete this.metrics[name];
    const gradients: Record<string, Float32Array> = {};
    for (const { program, losses } of this.stages) {
      await program.run();
      for (const loss of losses) {
        this.check(loss);
        gradients[loss.name] = loss.gradients.slice(0, loss.size);
      }
    }
    return { gradients, metrics: { ...this.metrics } };
  }

  async applyGradients(gradients: Readonly<Record<string, Float32Array>>): Promise<void> {
    const losses = this.stages.flatMap(stage => stage.losses);
    for (const { name, size } of losses) checkGradient(name, size, gradients[name]);
    for (const loss of losses) {
      loss.gradients.set(gradients[loss.name] as Float32Array); // Checked above.
      this.move(loss);
    }
    for (const { target, source, rate } of this.polyak) this.kernels.polyak(target, source, rate);
  }

  setLearningRateScale(scale: number): void {
    this.learningRateScale = scale;
  }

  /** One step of a loss's optimizer by the gradient in its memory. */
  private move(loss: CompiledLoss): void {
    const { gradients, maxGradientNorm } = loss;
    const factor = maxGradientNorm === Infinity ? 1 : clippingFactor(gradients, maxGradientNorm);
    if (factor < 1) for (let i = 0; i < gradients.length; i++) gradients[i] = (gradients[i] as number) * factor;
    loss.steps++;
    const step = adamStepAt(loss.optimizer, loss.steps, this.learningRateScale);
    this.kernels.adam(loss.group.vector, gradients, loss.first, loss.second, step);
  }

  /** Reports a loss's numbers. Throws NonFiniteLossError where one of them, or of its gradient, is not finite. */
  private check(loss: CompiledLoss): void {
    for (let i = 0; i < loss.scalars.length; i++) {
      const quantity = loss.quantities[i] as string;
      const value = loss.scalars[i] as number;
      if (!Number.isFinite(value)) throw new NonFiniteLossError(loss.name, quantity, value);
      this.metrics[i === 0 ? loss.name : quantity] = value;
    }
    if (!this.kernels.allFinite(loss.gradients)) throw new NonFiniteLossError(loss.name, 'gradient', Number.NaN);
  }

  async getState(): Promise<StateDict> {
    return readSlots(this.slots());
  }

  async setState(state: StateDict): Promise<void> {
    writeSlots(this.slots(), state);
  }

  async close(): Promise<void> {
    await closeAll(...this.stages.map(({ program }) => program));
  }

  private slots(): OptimizerSlot[] {
    return this.stages.flatMap(stage => [...stage.losses]);
  }
}
