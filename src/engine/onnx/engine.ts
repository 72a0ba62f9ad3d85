import { createRequire } from 'node:module';
import { closeAll } from '../../common/close-all.ts';
import type { Engine, Forward, ForwardSpec, ParameterGroup, Shapes, Update, UpdateSpec } from '../engine.ts';
import { fastestKernels, type OptimizerKernels } from '../optimizer/kernels.ts';
import { Arena } from './arena.ts';
import { compileForward } from './forward.ts';
import { OnnxGroup } from './group.ts';
import { OnnxUpdate } from './update.ts';

export interface OnnxEngineOptions {
  /** Threads of each compiled program; 1 by default. */
  readonly threads?: number;
  /** Room for parameters, gradients and moments; 256 by default. Unused room costs address space only. */
  readonly memoryMegabytes?: number;
}

/** Traces TF.js into ONNX graphs and runs them on ONNX Runtime's CPU provider. */
export class OnnxEngine implements Engine {
  readonly name = 'onnx';
  readonly description: string;
  private readonly threads: number;
  private readonly arena: Arena;
  private readonly kernels: OptimizerKernels;
  private readonly programs = new Set<Update | Forward>();

  constructor({ threads = 1, memoryMegabytes = 256 }: OnnxEngineOptions = {}) {
    // A package's manifest is JSON, which Node 20 imports only with an experimental syntax.
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
    this.threads = threads;
    this.arena = new Arena(memoryMegabytes);
    const { kernels, isPlain } = fastestKernels(this.arena.memory);
    this.kernels = kernels;
    this.description =
      `ONNX Runtime ${version}, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}` +
      (isPlain ? ', optimizer without SIMD' : '');
  }

  createGroup(name: string, shapes: Shapes): ParameterGroup {
    return new OnnxGroup(this.arena, name, shapes);
  }

  async compileUpdate(spec: UpdateSpec): Promise<Update> {
    const update = await OnnxUpdate.compile(spec, this.arena, this.kernels, { threads: this.threads });
    this.programs.add(update);
    return update;
  }

  async compileForward(spec: ForwardSpec): Promise<Forward> {
    const forward = await compileForward(spec, { threads: this.threads });
    this.programs.add(forward);
    return forward;
  }

  async close(): Promise<void> {
    const programs = [...this.programs];
    this.programs.clear();
    await closeAll(...programs);
  }
}
