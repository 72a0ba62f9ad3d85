import * as tf from '@tensorflow/tfjs-core';
import type { LossSpec, Parameters, Tensors } from './engine.ts';
import { EngineSpecError } from './errors.ts';

/** A loss, its metrics and its gradient for each parameter of its group. Who asked for it disposes the metrics. */
export interface Differentiated {
  readonly loss: tf.Scalar;
  readonly metrics: Readonly<Record<string, tf.Scalar>>;
  readonly gradients: Readonly<Record<string, tf.Tensor>>;
}

/**
 * A loss's value and gradient by TF.js's own autodiff, on whatever backend is current.
 *
 * @throws EngineSpecError where the loss is no scalar, or does not depend on a parameter that it should move
 */
export function differentiate(spec: LossSpec, parameters: Parameters, batch: Tensors): Differentiated {
  const names = Object.keys(spec.group.shapes);
  const own = parameters[spec.group.name] as Tensors; // A loss's group is one of the update's; that was checked.
  let metrics: Readonly<Record<string, tf.Scalar>> = {};
  const compute = (): tf.Scalar => {
    const result = spec.loss(parameters, batch);
    // Kept: TF.js disposes whatever the differentiated function does not return. Cloned: a metric may be a parameter.
    metrics = Object.fromEntries(
      Object.entries(result.metrics ?? {}).map(([name, value]) => [name, tf.keep(tf.clone(value))]),
    );
    for (const [name, tensor] of [['loss', result.loss] as const, ...Object.entries(metrics)])
      if (tensor.size !== 1)
        throw new EngineSpecError(
          `The loss "${spec.name}": its ${name} must be one number, but has the shape [${tensor.shape}]. Take a mean or a sum.`,
        );
    return result.loss;
  };
  const { value, grads } = tf.engine().gradients(
    compute,
    names.map(name => own[name] as tf.Tensor),
    undefined,
    // A loss that depends on no parameter at all is reported below, by name.
    true,
  );
  const missing = names.filter((_, i) => (grads[i] as tf.Tensor | undefined) == null);
  if (missing.length > 0)
    throw new EngineSpecError(
      `The loss "${spec.name}" does not depend on ${missing.join(', ')} of the group "${spec.group.name}" that it ` +
        'should move. Use them in the loss, or leave them out of the group.',
    );
  return { loss: value, metrics, gradients: Object.fromEntries(names.map((name, i) => [name, grads[i] as tf.Tensor])) };
}
