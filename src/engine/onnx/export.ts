import type * as tf from '@tensorflow/tfjs-core';
import type { Shape, Shapes, Tensors } from '../engine.ts';
import { encodeModel } from './model.ts';
import { ProtobufWriter } from './protobuf.ts';
import { trace } from './trace.ts';

export interface OnnxExport {
  /** Written into the model as constants. */
  readonly parameters: Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;
  /** The model's inputs by name, all float32. */
  readonly inputs: Shapes;
  /** From parameters and inputs to the model's outputs, by name. */
  compute(parameters: Tensors, inputs: Tensors): Tensors;
  /** Goes into the model's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A function as a self-contained ONNX model (opset 20): its parameters inside, and nothing of this package needed.
 *
 * @throws UnsupportedOperationError where an operation cannot be traced
 */
export function exportOnnx({ parameters, inputs, compute, metadata = {} }: OnnxExport): Uint8Array {
  const { bytes } = trace('exporting a function to ONNX', tracer => {
    const tensors = (names: readonly (readonly [string, tf.Tensor])[]): Tensors => Object.fromEntries(names);
    const constants = Object.entries(parameters).map(
      ([name, { shape, data }]) => [name, tracer.tensorOf(tracer.graph.constant(data, shape, 'float32'))] as const,
    );
    const given = Object.entries(inputs).map(
      ([name, shape]) => [name, tracer.tensorOf(tracer.graph.input(name, shape))] as const,
    );
    const outputs = Object.entries(compute(tensors(constants), tensors(given)));
    return encodeModel(Object.fromEntries(outputs.map(([name, tensor]) => [name, tracer.valueOf(tensor)])));
  });
  // metadata_props is field 14 of a ModelProto; a message's fields may follow in any order, so they are appended.
  const properties = new ProtobufWriter();
  for (const [key, value] of Object.entries(metadata))
    properties.message(14, entry => entry.string(1, key).string(2, value));
  return Buffer.concat([bytes, properties.finish()]);
}
