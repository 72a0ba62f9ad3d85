import { type Graph, sameShape, sizeOf, type Value } from '../graph.ts';

/** The shape that two operands broadcast to, by NumPy's rule. TF.js has checked that they do. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    return x === 1 ? y : x;
  });
}

/** What a value repeats along broadcast axes, where it is written out only for its shape; else the value itself. */
function compact(value: Value): Value {
  const [source] = value.node?.operation === 'Expand' ? value.node.inputs : [];
  return source ?? value;
}

/** The number that a value repeats everywhere, if it is a float32 constant. */
export function scalarOf(value: Value): number | null {
  const { constant, type } = compact(value);
  return type === 'float32' && constant?.length === 1 ? Number(constant[0]) : null;
}

/** A value repeated to a shape; the value itself where it has that shape. */
export function expand(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  const source = compact(value);
  return graph.op('Expand', [source, graph.integers(shape)], shape, {}, value.type);
}

/** A value with another shape of the same size. */
export function reshape(graph: Graph, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  if (value.node?.operation === 'Reshape') return reshape(graph, value.node.inputs[0] as Value, shape);
  if (value.constant) return graph.constant(value.constant, shape, value.type);
  const scalar = scalarOf(value);
  if (scalar !== null) return expand(graph, graph.scalar(scalar), shape);
  return graph.op('Reshape', [value, graph.integers(shape)], shape, {}, value.type);
}

const FOLD_UNARY: Readonly<Record<string, (x: number) => number>> = {
  Neg: x => -x,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Reciprocal: x => 1 / x,
};

/** A function of each number; on a constant, and on what a broadcast repeats, it is applied once. */
export function unary(graph: Graph, operation: string, x: Value): Value {
  const source = compact(x);
  const scalar = scalarOf(x);
  const fold = FOLD_UNARY[operation];
  if (scalar !== null && fold) return expand(graph, graph.scalar(fold(scalar)), x.shape);
  if (source !== x) return expand(graph, unary(graph, operation, source), x.shape);
  return graph.op(operation, [x], x.shape, {}, x.type);
}

const FOLD_BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
};

/**
 * A constant beside a column of numbers, written out as a column. ONNX Runtime broadcasts along the last axis: where
 * that has size 1 it would take the column one number at a time.
 */
function column(graph: Graph, value: Value, shape: readonly number[]): Value {
  const size = sizeOf(shape);
  const scalar = shape[shape.length - 1] === 1 && size > 1 && size <= 4096 ? scalarOf(value) : null;
  return scalar === null ? value : graph.constant(new Float32Array(size).fill(scalar), shape, 'float32');
}

/**
 * An operation on two operands broadcast to a common shape, in as few nodes as exactness allows.
 *
 * Constants are folded, neutral elements dropped, and operands that were written out only to be broadcast are used as
 * they were before: ONNX broadcasts by itself.
 */
export function binary(graph: Graph, operation: string, a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  const x = scalarOf(a);
  const y = scalarOf(b);
  const fold = FOLD_BINARY[operation];
  if (x !== null && y !== null && fold) return expand(graph, graph.scalar(fold(x, y)), shape);
  const neutral =
    operation === 'Mul' || operation === 'Div' ? 1 : operation === 'Add' || operation === 'Sub' ? 0 : null;
  if (neutral !== null && y === neutral) return expand(graph, a, shape);
  if (neutral !== null && x === neutral && (operation === 'Mul' || operation === 'Add')) return expand(graph, b, shape);
  if (operation === 'Mul' && (x === -1 || y === -1)) return expand(graph, unary(graph, 'Neg', x === -1 ? b : a), shape);
  // A reciprocal of a power of two is exact; so is the product.
  if (operation === 'Div' && y !== null && Number.isInteger(Math.log2(Math.abs(y))))
    return binary(graph, 'Mul', a, graph.scalar(1 / y));

  const [left, right] = [column(graph, compact(a), shape), column(graph, compact(b), shape)];
  const inner = broadcastShape(left.shape, right.shape);
  const type = a.type;
  if (sameShape(inner, shape)) return graph.op(operation, [left, right], shape, {}, type);
  if (sizeOf(inner) < sizeOf(shape)) return expand(graph, binary(graph, operation, left, right), shape);
  return graph.op(operation, [a, b], shape, {}, type);
}

/** A comparison; its result is bool. */
export function compare(graph: Graph, operation: string, a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  const [left, right] = [compact(a), compact(b)];
  const fits = sameShape(broadcastShape(left.shape, right.shape), shape);
  return graph.op(operation, fits ? [left, right] : [a, b], shape, {}, 'bool');
}
