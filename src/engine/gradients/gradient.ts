import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';

/** How the gradient of one TF.js kernel is computed, itself in TF.js operations. */
export interface Gradient {
  readonly kernel: string;
  /** Inputs that the gradient needs, by TF.js's names; `'all'` for kernels with a list of inputs. */
  readonly inputs?: readonly string[] | 'all';
  /** Whether it needs the kernel's outputs too; they come after the inputs. */
  readonly outputs?: boolean;
  /**
   * @param dy gradient with respect to the kernel's output
   * @param saved the inputs, then the outputs, that were asked for
   * @returns for each input a function that gives its gradient
   */
  gradient(dy: Tensor, saved: readonly Tensor[], attributes: NamedAttrMap): Record<string, () => Tensor>;
}

type Saved<N extends 1 | 2 | 3> = N extends 1 ? [Tensor] : N extends 2 ? [Tensor, Tensor] : [Tensor, Tensor, Tensor];

/** The first `count` saved tensors, as a tuple. */
export function saved<N extends 1 | 2 | 3>(tensors: readonly Tensor[], count: N): Saved<N> {
  if (tensors.length < count) throw new Error(`A gradient needs ${count} saved tensors, but has ${tensors.length}.`);
  // The length was just checked; a slice's type does not carry it.
  return tensors.slice(0, count) as Saved<N>;
}
