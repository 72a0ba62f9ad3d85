import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** Gives the tensors in graspbridge's declarations the types of TF.js. Compiles where TF.js's declarations do. */
declare module './index.js' {
  interface TensorTypes {
    tensor: Tensor;
    scalar: Scalar;
  }
}
