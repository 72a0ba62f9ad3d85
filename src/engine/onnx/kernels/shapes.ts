import { sameShape, type Value } from '../graph.ts';
import type { KernelCall, TraceKernels } from './kernel.ts';
import { expand, reshape } from './simplify.ts';

function transpose({ graph, input, attributes }: KernelCall): Value {
  let x = input('x');
  let permutation = attributes.perm as number[];
  const shape = permutation.map(axis => x.shape[axis] as number);
  if (x.node?.operation === 'Transpose') {
    const inner = x.node.attributes.perm as readonly number[];
    permutation = permutation.map(axis => inner[axis] as number);
    x = x.node.inputs[0] as Value;
  }
  // Axes of size 1 may move freely: no number changes its place.
  const moved = permutation.filter(axis => x.shape[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number))) return reshape(graph, x, shape);
  return graph.op('Transpose', [x], shape, { perm: permutation }, x.type);
}

function tile({ graph, input, attributes }: KernelCall): Value {
  const x = input('x');
  const repetitions = attributes.reps as number[];
  const shape = x.shape.map((size, axis) => size * (repetitions[axis] ?? 1));
  // Repeating single numbers is broadcasting, which the next operation does by itself.
  if (x.shape.every((size, axis) => size === 1 || repetitions[axis] === 1)) return expand(graph, x, shape);
  return graph.op('Tile', [x, graph.integers(repetitions)], shape, {}, x.type);
}

function split({ graph, input, attributes }: KernelCall): readonly Value[] {
  const x = input('x');
  const given = attributes.axis as number;
  const axis = given < 0 ? given + x.shape.length : given;
  const length = x.shape[axis] as number;
  const sections = attributes.numOrSizeSplits as number | number[];
  const sizes = Array.isArray(sections)
    ? sections.map(size => (size < 0 ? length - sections.reduce((sum, s) => sum + Math.max(0, s), 0) : size))
    : Array.from({ length: sections }, () => length / sections);
  if (sizes.length === 1) return [x];
  return graph.node({
    operation: 'Split',
    inputs: [x, graph.integers(sizes)],
    attributes: { axis },
    outputs: sizes.map(size => ({ shape: x.shape.map((n, i) => (i === axis ? size : n)), type: x.type })),
  });
}

function concat({ graph, inputs, attributes }: KernelCall): Value {
  const parts = inputs();
  const first = parts[0] as Value; // TF.js refuses to concatenate nothing.
  const given = attributes.axis as number;
  const axis = given < 0 ? given + first.shape.length : given;
  if (parts.length === 1) return first;
  // All parts of a split, in order, are what was split.
  const node = first.node;
  if (node?.operation === 'Split' && node.attributes.axis === axis && node.outputs.length === parts.length)
    if (parts.every((part, i) => part === node.outputs[i])) return node.inputs[0] as Value;
  const total = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
  const shape = first.shape.map((size, i) => (i === axis ? total : size));
  return graph.op('Concat', parts, shape, { axis }, first.type);
}

function slice({ graph, input, attributes }: KernelCall): Value {
  const x = input('x');
  const begin = attributes.begin as number[];
  const size = (attributes.size as number[]).map((n, axis) =>
    n < 0 ? (x.shape[axis] as number) - (begin[axis] ?? 0) : n,
  );
  if (sameShape(size, x.shape)) return x;
  const end = begin.map((start, axis) => start + (size[axis] as number));
  return graph.op('Slice', [x, graph.integers(begin), graph.integers(end)], size, {}, x.type);
}

function pad({ graph, input, attributes }: KernelCall): Value {
  const x = input('x');
  const paddings = attributes.paddings as [number, number][];
  const amounts = [...paddings.map(p => p[0]), ...paddings.map(p => p[1])];
  if (amounts.every(amount => amount === 0)) return x;
  const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
  const fill = graph.scalar((attributes.constantValue as number | undefined) ?? 0);
  return graph.op('Pad', [x, graph.integers(amounts), fill], shape);
}

const insertAxis = (shape: readonly number[], axis: number): number[] => {
  const place = axis < 0 ? axis + shape.length + 1 : axis;
  return [...shape.slice(0, place), 1, ...shape.slice(place)];
};

/** Operations that only move numbers. */
export const shapes: TraceKernels = {
  Reshape: ({ graph, input, attributes }) => {
    const x = input('x');
    const wanted = attributes.shape as number[];
    const known = wanted.reduce((product, size) => (size < 0 ? product : product * size), 1);
    const total = x.shape.reduce((product, size) => product * size, 1);
    return reshape(
      graph,
      x,
      wanted.map(size => (size < 0 ? total / known : size)),
    );
  },
  ExpandDims: ({ graph, input, attributes }) => {
    const x = input('input');
    return reshape(graph, x, insertAxis(x.shape, attributes.dim as number));
  },
  Transpose: transpose,
  Tile: tile,
  SplitV: split,
  Concat: concat,
  Slice: slice,
  PadV2: pad,
  Pack: ({ graph, inputs, attributes }) => {
    const axis = attributes.axis as number;
    const parts = inputs().map(part => reshape(graph, part, insertAxis(part.shape, axis)));
    const first = parts[0] as Value;
    const place = axis < 0 ? axis + first.shape.length : axis;
    if (parts.length === 1) return first;
    const shape = first.shape.map((size, i) => (i === place ? parts.length : size));
    return graph.op('Concat', parts, shape, { axis: place }, first.type);
  },
  Unpack: ({ graph, input, attributes }) => {
    const x = input('value');
    const given = attributes.axis as number;
    const axis = given < 0 ? given + x.shape.length : given;
    const count = x.shape[axis] as number;
    const inner = x.shape.filter((_, i) => i !== axis);
    if (count === 1) return [reshape(graph, x, inner)];
    const parts = graph.node({
      operation: 'Split',
      inputs: [x, graph.integers(Array.from({ length: count }, () => 1))],
      attributes: { axis },
      outputs: Array.from({ length: count }, () => ({
        shape: x.shape.map((n, i) => (i === axis ? 1 : n)),
        type: x.type,
      })),
    });
    return parts.map(part => reshape(graph, part, inner));
  },
  GatherV2: ({ graph, input, attributes }) => {
    const [x, indices] = [input('x'), input('indices')];
    const given = (attributes.axis as number | undefined) ?? 0;
    const axis = given < 0 ? given + x.shape.length : given;
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return graph.op('Gather', [x, indices], shape, { axis }, x.type);
  },
};
