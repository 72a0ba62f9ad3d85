import type { TfjsBackendName } from '../../src/engine/tfjs/backends.ts';

/** The TF.js backends that tests run on; TensorFlow only in `npm run test:tensorflow`, which builds it. */
export const TFJS_BACKENDS: readonly TfjsBackendName[] =
  process.env.GRASPBRIDGE_TEST_TENSORFLOW === undefined ? ['cpu', 'wasm'] : ['cpu', 'wasm', 'tensorflow'];
