import * as tf from '@tensorflow/tfjs-core';
import { writeFileAtomically } from '../common/atomic-file.ts';
import { packageVersion } from '../common/package-version.ts';
import { exportOnnx } from '../engine/index.ts';
import { type Box, type Env, flatSize, unwrapped } from '../envs/index.ts';
import { findAlgorithm } from './algorithms.ts';
import { readCheckpointMeta } from './checkpoint.ts';
import { ExportMismatchError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { loadPolicy, type SimulatorChoice } from './test-policy.ts';

export interface ExportOptions extends SimulatorChoice {
  /** Observations that the model takes at once; 1 by default. */
  readonly batch?: number;
  /** Seed of the episodes that the check is made on. */
  readonly seed?: number;
}

export interface ExportResult {
  readonly out: string;
  readonly bytes: number;
  /** Observations of real episodes that both were asked about. */
  readonly checked: number;
  /** Largest difference between the model's and the policy's normalized actions. */
  readonly maxDifference: number;
}

/** Both compute in float32; what differs is the order of additions. */
const TOLERANCE = 1e-5;

/**
 * Writes a checkpoint's policy, deterministic, as one ONNX file that runs anywhere without this package.
 *
 * Input `observations` `[batch, observation]`; outputs `normalized_actions` in [-1, 1] and `actions` in the
 * environment's own units, both `[batch, action]`. Its metadata says what it is of.
 *
 * Before it is written, ONNX Runtime runs it on the observations of ten episodes. Throws ExportMismatchError where
 * it says anything else than the policy; no file is written then.
 */
export async function exportPolicy(path: string, out: string, options: ExportOptions = {}): Promise<ExportResult> {
  const { batch = 1, seed = 0 } = options;
  const { policy, env, config, close } = await loadPolicy(path, {}, options);
  try {
    const mode = await findAlgorithm(config.algorithm).mode(policy);
    const { low, high } = actionBounds(env);
    const bytes = exportOnnx({
      parameters: mode.parameters,
      inputs: { observations: [batch, policy.observationSize] },
      compute(parameters, { observations }) {
        const normalized = mode.compute(parameters, observations as tf.Tensor); // Named two lines above.
        const middle = tf.tensor1d(low.map((bound, i) => (bound + (high[i] as number)) / 2));
        const halfRange = tf.tensor1d(low.map((bound, i) => ((high[i] as number) - bound) / 2));
        return { normalized_actions: normalized, actions: tf.add(middle, tf.mul(halfRange, normalized)) };
      },
      metadata: {
        producer: `graspbridge ${packageVersion()}`,
        env: config.env,
        env_options: JSON.stringify(config.envOptions),
        algorithm: config.algorithm,
        env_steps: String(readCheckpointMeta(path).envSteps),
      },
    });
    const observations: Float32Array[] = [];
    await evaluate(policy, recording(env, observations), { episodes: 10, seed });
    const maxDifference = await compare(bytes, batch, observations, async observation => {
      const { actions } = await policy.computeActions(observation, 1, { deterministic: true });
      return actions;
    });
    if (!(maxDifference <= TOLERANCE))
      throw new ExportMismatchError(
        `Exporting ${path} failed: run on ${observations.length} observations, the model's actions differ by up to ${maxDifference} from the policy's. Nothing was written; please report this.`,
      );
    writeFileAtomically(out, [bytes]);
    return { out, bytes: bytes.byteLength, checked: observations.length, maxDifference };
  } finally {
    await close();
  }
}

/** The bounds of the environment's own actions, inside all wrappers. */
function actionBounds(env: Env<Box, Box>): Box {
  const { actionSpace } = unwrapped(env as unknown as Env); // Only looked at, whatever its spaces are.
  const own = actionSpace.kind === 'box' && flatSize(actionSpace) === flatSize(env.actionSpace) ? actionSpace : null;
  return own !== null && [...own.low, ...own.high].every(Number.isFinite) ? own : env.actionSpace;
}

/** The same environment, whose observations are kept. */
function recording(env: Env<Box, Box>, kept: Float32Array[]): Env<Box, Box> {
  return {
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    async reset(options) {
      const result = await env.reset(options);
      kept.push(result.observation);
      return result;
    },
    async step(action) {
      const result = await env.step(action);
      kept.push(result.observation);
      return result;
    },
    close: () => env.close(),
  };
}

/** Largest difference between what a model and a policy do, over all observations. */
async function compare(
  model: Uint8Array,
  batch: number,
  observations: readonly Float32Array[],
  act: (observation: Float32Array) => Promise<Float32Array>,
): Promise<number> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  let largest = 0;
  try {
    for (const observation of observations) {
      // Every row of the batch is the same observation, and must get the same action.
      const rows = new Float32Array(batch * observation.length);
      for (let row = 0; row < batch; row++) rows.set(observation, row * observation.length);
      const feeds = { observations: new Tensor('float32', rows, [batch, observation.length]) };
      const { normalized_actions: output } = await session.run(feeds);
      const expected = await act(observation);
      const found = output?.data;
      if (!(found instanceof Float32Array) || found.length !== batch * expected.length) return Number.NaN;
      for (const [i, value] of found.entries())
        largest = Math.max(largest, Math.abs(value - (expected[i % expected.length] as number)));
    }
  } finally {
    await session.release();
  }
  return largest;
}
