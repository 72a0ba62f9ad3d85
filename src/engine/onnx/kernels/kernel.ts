import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { Graph, Value } from '../graph.ts';

/** One call of a TF.js kernel while tracing. */
export interface KernelCall {
  readonly graph: Graph;
  /** An input by TF.js's name for it. */
  input(name: string): Value;
  /** All inputs of a kernel that takes a list. */
  inputs(): Value[];
  readonly attributes: NamedAttrMap;
}

/** Records a call and returns what stands for its outputs. */
export type TraceKernel = (call: KernelCall) => Value | readonly Value[];

export type TraceKernels = Readonly<Record<string, TraceKernel>>;
