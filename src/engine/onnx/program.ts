import { EngineSpecError } from '../errors.ts';
import type { Value } from './graph.ts';
import { encodeModel } from './model.ts';
import { InferenceSession, Tensor } from './runtime.ts';

/** Numbers in place and the shape in which a program sees them. */
export interface Buffer {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface ProgramOptions {
  readonly threads: number;
}

/**
 * A graph compiled by ONNX Runtime whose inputs and outputs stay where they are: nothing is copied or allocated in
 * JavaScript when it runs.
 */
export class OnnxProgram {
  /** How many nodes were handed to ONNX Runtime. */
  readonly nodeCount: number;
  private session: InferenceSession | null;
  private readonly feeds: Record<string, Tensor>;
  private readonly fetches: Record<string, Tensor>;

  private constructor(
    session: InferenceSession,
    feeds: Record<string, Tensor>,
    fetches: Record<string, Tensor>,
    nodeCount: number,
  ) {
    this.session = session;
    this.feeds = feeds;
    this.fetches = fetches;
    this.nodeCount = nodeCount;
  }

  /**
   * @param outputs values by name, and the memory each is written to
   * @param inputs memory of the graph's inputs by name; those that no output needs are left out
   */
  static async create(
    outputs: Readonly<Record<string, { readonly value: Value; readonly data: Float32Array }>>,
    inputs: ReadonlyMap<string, Buffer>,
    options: ProgramOptions,
  ): Promise<OnnxProgram> {
    const model = encodeModel(Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value])));
    const session = await InferenceSession.create(model.bytes, {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: {
        session: {
          // A spinning thread pool starves whatever else runs on the machine, a second session first.
          intra_op: { allow_spinning: '0' },
          set_denormal_as_zero: '1',
        },
      },
    });
    const tensor = (data: Float32Array, shape: readonly number[]) => new Tensor('float32', data, shape);
    const feeds: Record<string, Tensor> = {};
    for (const name of model.inputs) {
      const buffer = inputs.get(name);
      if (!buffer) throw new Error(`The traced graph has an input "${name}" that has no memory.`);
      feeds[name] = tensor(buffer.data, buffer.shape);
    }
    const fetches: Record<string, Tensor> = {};
    for (const [name, { value, data }] of Object.entries(outputs)) fetches[name] = tensor(data, value.shape);
    return new OnnxProgram(session, feeds, fetches, model.nodeCount);
  }

  async run(): Promise<void> {
    if (!this.session) throw new EngineSpecError('Running a compiled program that was closed.');
    await this.session.run(this.feeds, this.fetches);
  }

  async close(): Promise<void> {
    const session = this.session;
    this.session = null;
    await session?.release();
  }
}
