/** A tensor of ONNX Runtime: the part of `ort.Tensor` that running a model takes. */
export interface Tensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}

export interface TensorConstructor {
  new (type: 'float32', data: Float32Array | readonly number[], dims: readonly number[]): Tensor;
}

export declare const Tensor: TensorConstructor;

/** A loaded model: the part of `ort.InferenceSession` that running it takes. */
export interface InferenceSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

export declare const InferenceSession: {
  create(model: string | Uint8Array): Promise<InferenceSession>;
};
