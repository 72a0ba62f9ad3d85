/** ONNX Runtime itself, for models that were exported; loaded only where somebody asks for it. */
export function loadOnnxRuntime(): Promise<typeof import('./runtime.ts')> {
  return import('./runtime.ts');
}
