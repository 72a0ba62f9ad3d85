import type * as tf from '@tensorflow/tfjs-core';
import type { Parameters, Shapes, Tensors } from '../engine.ts';
import { sizeOfShape } from '../spec.ts';
import type { OnnxGroup } from './group.ts';
import type { Buffer } from './program.ts';
import type { Tracer } from './trace.ts';

/** Memory for inputs by name, each of its shape's size. */
export function allocateInputs(shapes: Shapes): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(sizeOfShape(shape))]),
  );
}

const parameterName = (group: OnnxGroup, name: string) => `${group.name}/${name}`;

/** All that a graph may read, by the names that {@link traceInputs} gives its inputs. */
export function bindInputs(
  groups: readonly OnnxGroup[],
  shapes: Shapes,
  inputs: Readonly<Record<string, Float32Array>>,
): Map<string, Buffer> {
  const buffers = new Map<string, Buffer>();
  for (const [name, shape] of Object.entries(shapes))
    buffers.set(`batch:${name}`, { shape, data: inputs[name] as Float32Array });
  for (const group of groups) for (const [name, view] of group.views()) buffers.set(parameterName(group, name), view);
  return buffers;
}

/** Tensors for the parameters and the batch while tracing. */
export function traceInputs(
  tracer: Tracer,
  groups: readonly OnnxGroup[],
  shapes: Shapes,
): { readonly parameters: Parameters; readonly batch: Tensors } {
  const input = (name: string, shape: readonly number[]): tf.Tensor => tracer.tensorOf(tracer.graph.input(name, shape));
  const parameters = Object.fromEntries(
    groups.map(group => [
      group.name,
      Object.fromEntries(
        Object.entries(group.shapes).map(([name, shape]) => [name, input(parameterName(group, name), shape)]),
      ),
    ]),
  );
  const batch = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, input(`batch:${name}`, shape)]),
  );
  return { parameters, batch };
}
