/**
 * Types of TF.js's tensors in this package's declarations, for programs that have imported `graspbridge/tfjs`.
 *
 * TF.js's own declarations compile only with the DOM's types, which a program for Node need not have.
 */
// biome-ignore lint/suspicious/noEmptyInterface: a program adds to it, which it can to an interface only.
export interface TensorTypes {}

/** A tensor of TF.js (`tf.Tensor`); unchecked without `import 'graspbridge/tfjs'`. */
// biome-ignore lint/suspicious/noExplicitAny: it has to pass into TF.js's functions and to come out of them.
export type Tensor = TensorTypes extends { tensor: infer Known } ? Known : any;

/** A tensor of TF.js with one number (`tf.Scalar`); unchecked without `import 'graspbridge/tfjs'`. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export type Scalar = TensorTypes extends { scalar: infer Known } ? Known : any;
