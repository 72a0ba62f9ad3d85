/** A tensor of ONNX Runtime: the part of `ort.Tensor` that running a model takes. */
interface OnnxTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data:
    | Float32Array
    | Float64Array
    | Int8Array
    | Int16Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | BigUint64Array
    | readonly string[];
}

interface OnnxTensorConstructor {
  new (type: 'float32', data: Float32Array | readonly number[], dims: readonly number[]): OnnxTensor;
}

declare const OnnxTensor: OnnxTensorConstructor;

// TF.js has a `Tensor`, too: another name is what a user sees of this one.
export { OnnxTensor as Tensor };

/** A loaded model: the part of `ort.InferenceSession` that running it takes. */
export interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

export declare const InferenceSession: {
  create(model: string | Uint8Array): Promise<InferenceSession>;
};
