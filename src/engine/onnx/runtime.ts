import { InferenceSession, Tensor } from 'onnxruntime-node';

// From 1.29 on its official builds send usage data to Microsoft, unless this says otherwise when the first session opens.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** ONNX Runtime, which keeps what it does to itself. */
export { InferenceSession, Tensor };
