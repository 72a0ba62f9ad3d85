import { normalizeAxes } from '../../gradients/broadcast.ts';
import type { Value } from '../graph.ts';
import type { KernelCall, TraceKernel, TraceKernels } from './kernel.ts';
import { reshape } from './simplify.ts';

/**
 * A reduction over axes. TF.js reduces the axes it is given, without keeping them unless told, and names the attribute
 * differently from kernel to kernel.
 */
function reduction(operation: string, attribute = 'axis'): TraceKernel {
  return ({ graph, input, attributes }): Value => {
    const x = input('x');
    const axes = normalizeAxes(attributes[attribute], x.shape.length);
    const keep = Boolean(attributes.keepDims);
    const shape = keep
      ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : x.shape.filter((_, axis) => !axes.includes(axis));
    // Sum, mean, largest and smallest of one number are that number.
    if (axes.every(axis => x.shape[axis] === 1)) return reshape(graph, x, shape);
    return graph.op(operation, [x, graph.integers(axes)], shape, { keepdims: Number(keep) }, x.type);
  };
}

function softmax(operation: string, attribute: string): TraceKernel {
  return ({ graph, input, attributes }) => {
    const x = input('logits');
    const [axis] = normalizeAxes(attributes[attribute], x.shape.length);
    return graph.op(operation, [x], x.shape, { axis: axis as number });
  };
}

const reduceSum = reduction('ReduceSum');

/** The sum over a matrix's rows, such as a bias's gradient, as a product with ones: the fastest sum there is. */
function sum(call: KernelCall): Value | readonly Value[] {
  const { graph, input, attributes } = call;
  const x = input('x');
  const axes = normalizeAxes(attributes.axis, x.shape.length);
  const [rows, columns] = x.shape;
  if (x.shape.length !== 2 || axes.length !== 1 || axes[0] !== 0 || rows === 1 || columns === 1) return reduceSum(call);
  const ones = graph.constant(new Float32Array(rows as number).fill(1), [1, rows as number], 'float32');
  const total = graph.op('Gemm', [ones, x], [1, columns as number], { transA: 0, transB: 0 });
  return attributes.keepDims ? total : reshape(graph, total, [columns as number]);
}

export const reductions: TraceKernels = {
  Sum: sum,
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax', 'reductionIndices'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Softmax: softmax('Softmax', 'dim'),
  LogSoftmax: softmax('LogSoftmax', 'axis'),
  ArgMax: ({ graph, input, attributes }) => {
    const x = input('x');
    const [axis] = normalizeAxes(attributes.axis, x.shape.length);
    const shape = x.shape.filter((_, i) => i !== axis);
    const index = graph.op('ArgMax', [x], shape, { axis: axis as number, keepdims: 0 }, 'int64');
    return graph.op('Cast', [index], shape, { to: 6 }, 'int32');
  },
};
