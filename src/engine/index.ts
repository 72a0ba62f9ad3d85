export { createEngine, type EngineOptions } from './create.ts';
export type {
  AdamOptions,
  Engine,
  Forward,
  ForwardSpec,
  Gradients,
  LossResult,
  LossSpec,
  ParameterGroup,
  Parameters,
  PolyakSpec,
  Shape,
  Shapes,
  Tensors,
  Update,
  UpdateSpec,
} from './engine.ts';
export { BackendUnavailableError, EngineSpecError, NonFiniteLossError, UnsupportedOperationError } from './errors.ts';
export { exportOnnx, type OnnxExport } from './onnx/export.ts';
export { loadOnnxRuntime } from './onnx/load-runtime.ts';
export { layerNorm } from './ops/layer-norm.ts';
