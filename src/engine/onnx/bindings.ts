import type * as tf from '@tensorflow/tfjs-core';
import type { Parameters, Shape, Shapes, Tensors } from '../engine.ts';
import { sizeOfShape } from '../spec.ts';
import type { Graph, Value } from './graph.ts';
import type { OnnxGroup } from './group.ts';
import { reshape } from './kernels/simplify.ts';
import type { Buffer } from './program.ts';
import type { Tracer } from './trace.ts';

/**
 * Parameters of a group that lie side by side and go in and out of a graph as one vector.
 *
 * An input or an output costs a run of ONNX Runtime 2 to 4 µs in its JavaScript binding, splitting one up inside the
 * graph a copy. So small parameters travel together, and each large one alone.
 */
interface Segment {
  readonly names: readonly string[];
  readonly shapes: readonly Shape[];
  readonly offset: number;
  readonly size: number;
}

/** From this many numbers on (64 KiB), copying a parameter takes longer than handing it over by itself. */
const LARGE = 16384;

function segments(group: OnnxGroup): Segment[] {
  const result: { names: string[]; shapes: Shape[]; offset: number; size: number }[] = [];
  let offset = 0;
  let open = false;
  for (const [name, shape] of Object.entries(group.shapes)) {
    const size = sizeOfShape(shape);
    const last = result[result.length - 1];
    if (last && open && size < LARGE) {
      last.names.push(name);
      last.shapes.push(shape);
      last.size += size;
    } else result.push({ names: [name], shapes: [shape], offset, size });
    open = size < LARGE;
    offset += size;
  }
  return result;
}

const segmentName = (group: OnnxGroup, { offset }: Segment) => `group:${group.name}:${offset}`;

/** Memory for inputs by name, each of its shape's size. */
export function allocateInputs(shapes: Shapes): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(sizeOfShape(shape))]),
  );
}

/** All that a graph may read, by the names that {@link traceInputs} gives its inputs. */
export function bindInputs(
  groups: readonly OnnxGroup[],
  shapes: Shapes,
  inputs: Readonly<Record<string, Float32Array>>,
): Map<string, Buffer> {
  const buffers = new Map<string, Buffer>();
  for (const [name, shape] of Object.entries(shapes))
    buffers.set(`batch:${name}`, { shape, data: inputs[name] as Float32Array });
  for (const group of groups)
    for (const segment of segments(group)) {
      const data = group.vector.subarray(segment.offset, segment.offset + segment.size);
      buffers.set(segmentName(group, segment), { shape: [segment.size], data });
    }
  return buffers;
}

/** Tensors for the parameters and the batch while tracing. */
export function traceInputs(
  tracer: Tracer,
  groups: readonly OnnxGroup[],
  shapes: Shapes,
): { readonly parameters: Parameters; readonly batch: Tensors } {
  const { graph } = tracer;
  const parameters: [string, Tensors][] = groups.map(group => {
    const tensors = segments(group).flatMap(segment => {
      const flat = graph.input(segmentName(group, segment), [segment.size]);
      const values = splitFlat(graph, flat, segment.shapes);
      return segment.names.map((name, i): [string, tf.Tensor] => [name, tracer.tensorOf(values[i] as Value)]);
    });
    return [group.name, Object.fromEntries(tensors)];
  });
  const batch = Object.entries(shapes).map(([name, shape]): [string, tf.Tensor] => [
    name,
    tracer.tensorOf(graph.input(`batch:${name}`, shape)),
  ]);
  return { parameters: Object.fromEntries(parameters), batch: Object.fromEntries(batch) };
}

/** The parts of a flat vector, in their shapes. */
function splitFlat(graph: Graph, flat: Value, shapes: readonly (readonly number[])[]): Value[] {
  if (shapes.length === 1) return [reshape(graph, flat, shapes[0] as readonly number[])];
  const sizes = shapes.map(sizeOfShape);
  const parts = graph.node({
    operation: 'Split',
    inputs: [flat, graph.integers(sizes)],
    attributes: { axis: 0 },
    outputs: sizes.map(size => ({ shape: [size], type: 'float32' })),
  });
  return parts.map((part, i) => reshape(graph, part, shapes[i] as readonly number[]));
}

/** Values one after the other as one flat vector. */
export function joinFlat(graph: Graph, values: readonly Value[]): Value {
  const flat = values.map(value => reshape(graph, value, [sizeOfShape(value.shape)]));
  if (flat.length === 1) return flat[0] as Value;
  const size = flat.reduce((sum, value) => sum + sizeOfShape(value.shape), 0);
  return graph.op('Concat', flat, [size], { axis: 0 });
}

/**
 * Outputs for the gradients of a group's parameters, written to a vector laid out as the group.
 *
 * @param gradient the gradient of a parameter by its name
 */
export function bindGradients(
  graph: Graph,
  group: OnnxGroup,
  gradient: (name: string) => Value,
  vector: Float32Array,
): { readonly value: Value; readonly data: Float32Array }[] {
  return segments(group).map(({ names, offset, size }) => ({
    value: joinFlat(graph, names.map(gradient)),
    data: vector.subarray(offset, offset + size),
  }));
}
