import { KERNEL_BYTES } from './kernel-bytes.ts';
import { adamStep, allFinite, polyakStep } from './plain.ts';
import { type WasmMemory, wasm } from './webassembly.ts';

/** Numbers that one step of Adam needs, computed once for all parameters. */
export interface AdamStep {
  /** learning rate / (1 − β₁ᵗ) */
  readonly step: number;
  readonly beta1: number;
  readonly beta2: number;
  /** 1 / √(1 − β₂ᵗ) */
  readonly scale: number;
  readonly epsilon: number;
}

/** A float32 vector in an engine's memory; its length is a multiple of 4. */
export type Vector = Float32Array;

/** The optimizer's loops over flat vectors, all of which lie in one memory. */
export interface OptimizerKernels {
  /** Moves parameters and moments by one step of Adam. */
  adam(parameters: Vector, gradients: Vector, first: Vector, second: Vector, step: AdamStep): void;
  /** target ← target + rate (source − target) */
  polyak(target: Vector, source: Vector, rate: number): void;
  allFinite(vector: Vector): boolean;
}

/** The same in TypeScript, for machines without WebAssembly SIMD, and to test the others against. */
export const plainKernels: OptimizerKernels = { adam: adamStep, polyak: polyakStep, allFinite };

interface KernelExports {
  adam(
    p: number,
    g: number,
    m: number,
    v: number,
    count: number,
    step: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    scale: number,
    epsilon: number,
  ): void;
  polyak(target: number, source: number, n: number, rate: number): void;
  allFinite(x: number, n: number): number;
}

let compiled: object | null = null;

/** The kernels in WebAssembly SIMD over vectors that lie in `memory`. */
export function wasmKernels(memory: WasmMemory): OptimizerKernels {
  compiled ??= new wasm.Module(Buffer.from(KERNEL_BYTES, 'base64'));
  const instance = new wasm.Instance(compiled, { env: { memory } });
  // What the module exports is what tools/kernels/optimizer.wat says.
  const kernels = instance.exports as unknown as KernelExports;
  return {
    adam: (p, g, m, v, { step, beta1, beta2, scale, epsilon }) => {
      const [first, second] = [1 - beta1, 1 - beta2];
      const at = [p.byteOffset, g.byteOffset, m.byteOffset, v.byteOffset] as const;
      kernels.adam(...at, p.length, step, beta1, first, beta2, second, scale, epsilon);
    },
    polyak: (target, source, rate) => kernels.polyak(target.byteOffset, source.byteOffset, target.length, rate),
    allFinite: vector => kernels.allFinite(vector.byteOffset, vector.length) === 1,
  };
}

/** The fastest kernels that this machine runs: WebAssembly where it has SIMD, else plain TypeScript. */
export function fastestKernels(memory: WasmMemory): { readonly kernels: OptimizerKernels; readonly isPlain: boolean } {
  try {
    return { kernels: wasmKernels(memory), isPlain: false };
  } catch (error) {
    // Processors without SSE 4.1 refuse the module when it is compiled. Nothing else is expected to go wrong here.
    if ((error as Error).name !== 'CompileError') throw error;
    return { kernels: plainKernels, isPlain: true };
  }
}
