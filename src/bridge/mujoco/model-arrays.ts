/**
 * A copy of an array of a model's, in our own memory.
 *
 * The module's getters are typed `any`; they return views into WebAssembly memory, which any later call into the module
 * may grow and so detach. Doubles for what MuJoCo computes with, 32-bit floats for colours.
 */
export function numbers(view: Float64Array | Float32Array): Float64Array {
  return Float64Array.from(view);
}

/** A copy of an array of indices, as {@link numbers}. */
export function indices(view: Int32Array): Int32Array {
  return view.slice();
}
