import { type Graph, sizeOf, type Value } from '../graph.ts';
import type { KernelCall, TraceKernels } from './kernel.ts';
import { reshape } from './simplify.ts';

const lastTwo = (shape: readonly number[], transposed: boolean): [rows: number, columns: number] => {
  const [rows, columns] = [shape[shape.length - 2] as number, shape[shape.length - 1] as number];
  return transposed ? [columns, rows] : [rows, columns];
};

const batches = (value: Value): number => sizeOf(value.shape.slice(0, -2));

const matrix = (graph: Graph, value: Value): Value => reshape(graph, value, value.shape.slice(-2));

/**
 * A matrix product. A single one becomes a Gemm, which takes transposed operands (all of a backward pass) and a bias
 * without further nodes; a batch of them ONNX Runtime's FusedMatMul, which takes transposed operands too.
 */
function batchMatMul({ graph, input, attributes }: KernelCall): Value {
  const [a, b] = [input('a'), input('b')];
  const transposeA = Boolean(attributes.transposeA);
  const transposeB = Boolean(attributes.transposeB);
  const [m, k] = lastTwo(a.shape, transposeA);
  const [, n] = lastTwo(b.shape, transposeB);
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const shape = [...(sizeOf(batchA) >= sizeOf(batchB) ? batchA : batchB), m, n];
  const gemm = (x: Value, y: Value, rows: number) =>
    graph.op('Gemm', [x, y], [rows, n], { transA: Number(transposeA), transB: Number(transposeB) });

  if (batches(a) === 1 && batches(b) === 1) {
    const [left, right] = [matrix(graph, a), matrix(graph, b)];
    // A column of results as a row, (Aᵀ b)ᵀ = bᵀ A: a row is what ONNX Runtime has a fast path for.
    if (n === 1 && transposeA && k > 1) {
      const row = graph.op('Gemm', [reshape(graph, right, [1, k]), left], [1, m], { transA: 0, transB: 0 });
      return reshape(graph, row, shape);
    }
    return reshape(graph, gemm(left, right, m), shape);
  }
  // One right-hand side for all of a batch: its rows stand one below the other in a single product.
  if (batches(b) === 1 && !transposeA) {
    const rows = batches(a) * m;
    return reshape(graph, gemm(reshape(graph, a, [rows, k]), matrix(graph, b), rows), shape);
  }
  return graph.op(
    'FusedMatMul',
    [a, b],
    shape,
    { transA: Number(transposeA), transB: Number(transposeB) },
    'float32',
    'com.microsoft',
  );
}

/**
 * `product + bias` as one Gemm with a bias, where `product` is a Gemm without one; null where it is not.
 *
 * The product alone stays in the graph, and is left out when nothing else needs it.
 */
export function addBias(graph: Graph, product: Value, bias: Value): Value | null {
  const node = product.node;
  if (node?.operation !== 'Gemm' || node.inputs.length > 2) return null;
  const columns = product.shape[1] as number;
  const isRow = sizeOf(bias.shape) === columns && bias.shape[bias.shape.length - 1] === columns;
  if (!isRow || bias.shape.length > 2) return null;
  return graph.op('Gemm', [...node.inputs, bias], product.shape, node.attributes);
}

export const matmul: TraceKernels = { BatchMatMul: batchMatMul };
