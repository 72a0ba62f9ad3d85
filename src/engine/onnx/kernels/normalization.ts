import { LAYER_NORM_EPSILON, LAYER_NORM_KERNEL } from '../../ops/layer-norm.ts';
import type { Value } from '../graph.ts';
import type { TraceKernels } from './kernel.ts';

/** Layer normalization as ONNX has it: one node, which hands out what the gradient needs. */
export const normalization: TraceKernels = {
  [LAYER_NORM_KERNEL]: ({ graph, input }) => {
    const x = input('x');
    const width = x.shape[x.shape.length - 1] as number;
    const scale = graph.constant(new Float32Array(width).fill(1), [width], 'float32');
    const row = [...x.shape.slice(0, -1), 1];
    const [normalized, , inverse] = graph.node({
      operation: 'LayerNormalization',
      inputs: [x, scale],
      attributes: { axis: -1, epsilon: { float: LAYER_NORM_EPSILON } },
      outputs: [x.shape, row, row].map(shape => ({ shape, type: 'float32' })),
    }) as [Value, Value, Value]; // Normalized, mean, inverse standard deviation.
    return [normalized, inverse];
  },
};
