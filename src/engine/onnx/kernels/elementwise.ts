import type { Value } from '../graph.ts';
import type { KernelCall, TraceKernel, TraceKernels } from './kernel.ts';
import { addBias } from './matmul.ts';
import { binary, broadcastShape, compare, expand, unary } from './simplify.ts';

const one =
  (operation: string): TraceKernel =>
  ({ graph, input }) =>
    unary(graph, operation, input('x'));

const two =
  (operation: string): TraceKernel =>
  ({ graph, input }) =>
    binary(graph, operation, input('a'), input('b'));

const comparison =
  (operation: string): TraceKernel =>
  ({ graph, input }) =>
    compare(graph, operation, input('a'), input('b'));

function cast({ graph, input, attributes }: KernelCall): Value {
  const x = input('x');
  const type = attributes.dtype as 'float32' | 'int32' | 'bool'; // tf.cast takes no others.
  if (type === x.type) return x;
  const code = { float32: 1, int32: 6, bool: 9 }[type];
  return graph.op('Cast', [x], x.shape, { to: code }, type);
}

/** Functions of each number, and of pairs of numbers. */
export const elementwise: TraceKernels = {
  Add: ({ graph, input }) => addBias(graph, input('a'), input('b')) ?? binary(graph, 'Add', input('a'), input('b')),
  Sub: two('Sub'),
  Multiply: two('Mul'),
  RealDiv: two('Div'),
  Maximum: two('Max'),
  Minimum: two('Min'),
  Pow: two('Pow'),
  SquaredDifference: ({ graph, input }) => {
    const difference = binary(graph, 'Sub', input('a'), input('b'));
    return binary(graph, 'Mul', difference, difference);
  },
  AddN: ({ graph, inputs }) => inputs().reduce((sum, x) => binary(graph, 'Add', sum, x)),

  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: ({ graph, input }) => {
    const equal = compare(graph, 'Equal', input('a'), input('b'));
    return graph.op('Not', [equal], equal.shape, {}, 'bool');
  },
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),
  LogicalNot: one('Not'),

  Abs: one('Abs'),
  Ceil: one('Ceil'),
  Cos: one('Cos'),
  Elu: one('Elu'),
  Exp: one('Exp'),
  Floor: one('Floor'),
  Log: one('Log'),
  Neg: one('Neg'),
  Reciprocal: one('Reciprocal'),
  Relu: one('Relu'),
  Round: one('Round'),
  Sigmoid: one('Sigmoid'),
  Sign: one('Sign'),
  Sin: one('Sin'),
  Sqrt: one('Sqrt'),
  Tanh: one('Tanh'),
  Expm1: ({ graph, input }) => binary(graph, 'Sub', unary(graph, 'Exp', input('x')), graph.scalar(1)),
  Log1p: ({ graph, input }) => unary(graph, 'Log', binary(graph, 'Add', input('x'), graph.scalar(1))),
  Rsqrt: ({ graph, input }) => unary(graph, 'Reciprocal', unary(graph, 'Sqrt', input('x'))),
  // log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|): never overflows, and unlike ONNX Runtime's own Softplus it is vectorized.
  Softplus: ({ graph, input }) => {
    const x = input('x');
    const tail = unary(graph, 'Exp', unary(graph, 'Neg', unary(graph, 'Abs', x)));
    return binary(
      graph,
      'Add',
      unary(graph, 'Relu', x),
      unary(graph, 'Log', binary(graph, 'Add', tail, graph.scalar(1))),
    );
  },
  Square: ({ graph, input }) => binary(graph, 'Mul', input('x'), input('x')),
  Step: ({ graph, input, attributes }) => {
    const x = input('x');
    // max(0, min(1, 10³⁸ x)): one vectorized node where a comparison and a cast would be two.
    const positive = graph.op('HardSigmoid', [x], x.shape, { alpha: { float: 1e38 }, beta: { float: 0 } });
    const alpha = (attributes.alpha as number | undefined) ?? 0;
    if (alpha === 0) return positive;
    return binary(graph, 'Add', binary(graph, 'Mul', positive, graph.scalar(1 - alpha)), graph.scalar(alpha));
  },
  LeakyRelu: ({ graph, input, attributes }) => {
    const x = input('x');
    return graph.op('LeakyRelu', [x], x.shape, { alpha: { float: attributes.alpha as number } });
  },
  ClipByValue: ({ graph, input, attributes }) => {
    const x = input('x');
    const low = graph.scalar(attributes.clipValueMin as number);
    const high = graph.scalar(attributes.clipValueMax as number);
    return graph.op('Clip', [x, low, high], x.shape);
  },
  Select: ({ graph, input }) => {
    const [condition, t, e] = [input('condition'), input('t'), input('e')];
    const shape = broadcastShape(condition.shape, broadcastShape(t.shape, e.shape));
    return graph.op('Where', [condition, t, e], shape, {}, t.type);
  },
  Cast: cast,
  Identity: ({ input }) => input('x'),
  ZerosLike: ({ graph, input }) => expand(graph, graph.scalar(0), input('x').shape),
  OnesLike: ({ graph, input }) => expand(graph, graph.scalar(1), input('x').shape),
  Fill: ({ graph, attributes }) =>
    expand(graph, graph.scalar(attributes.value as number), attributes.shape as number[]),
};
