import { statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Policy, PolicyMode } from '../agents/index.ts';
import { writeFileAtomically } from '../common/atomic-file.ts';
import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { packageVersion } from '../common/package-version.ts';
import { exportOnnx, loadOnnxRuntime } from '../engine/index.ts';
import { type Box, type Env, flatSize, type Space, unwrapped } from '../envs/index.ts';
import { readCheckpointMeta } from './checkpoint.ts';
import { clipActions } from './env-actions.ts';
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
 * Input `observations` `[batch, observation]`. Outputs of a policy with continuous actions are `normalized_actions` in
 * [-1, 1] and `actions` in the environment's own units, both `[batch, action]`; of one with discrete actions `actions`,
 * the integer as a float, `[batch, 1]`. One with memory takes `state_in_0` … `[batch, width]`, zeros where an episode
 * begins, and gives `state_out_0` …, to be handed in with the next observation. Its metadata says what it is of.
 *
 * Before it is written, ONNX Runtime runs it on the observations of ten episodes. Throws ExportMismatchError where
 * it says anything else than the policy; no file is written then. Throws UsageError for a file that is no .onnx.
 */
export async function exportPolicy(path: string, out: string, options: ExportOptions = {}): Promise<ExportResult> {
  const { batch = 1, seed = 0 } = options;
  checkModelFile(out);
  const { policy, env, config, close } = await loadPolicy(path, {}, options);
  return closeAfter(async () => {
    const mode = await policy.exportModel();
    const bytes = exportOnnx({
      parameters: mode.parameters,
      inputs: {
        observations: [batch, policy.observationSize],
        ...Object.fromEntries(mode.states.map((width, i) => [`state_in_${i}`, [batch, width]])),
      },
      compute(parameters, inputs) {
        const states = mode.states.map((_, i) => inputs[`state_in_${i}`] as tf.Tensor); // Named above.
        const { actions, states: after } = mode.compute(parameters, inputs.observations as tf.Tensor, states);
        return {
          ...(env.actionSpace.kind === 'box' ? inUnits(env as Env<Box, Box>, actions) : { actions }),
          ...Object.fromEntries(after.map((state, i) => [`state_out_${i}`, state])),
        };
      },
      metadata: {
        producer: `graspbridge ${packageVersion()}`,
        env: config.env,
        env_options: JSON.stringify(config.envOptions),
        algorithm: config.algorithm,
        env_steps: String(readCheckpointMeta(path).envSteps),
      },
    });
    const observations: (Float32Array | null)[] = [];
    await evaluate(policy, recording(env, observations), { episodes: 10, seed });
    const checked = observations.filter(observation => observation !== null).length;
    const maxDifference = await compare(bytes, batch, observations, policy, mode, env.actionSpace);
    if (!(maxDifference <= TOLERANCE))
      throw new ExportMismatchError(
        `Exporting ${path} failed: run on ${checked} observations, the model's actions differ by up to ${maxDifference} from the policy's. Nothing was written; please report this.`,
      );
    writeFileAtomically(out, [bytes]);
    return { out, bytes: bytes.byteLength, checked, maxDifference };
  }, close);
}

/** Throws UsageError unless an ONNX file can be written there. */
function checkModelFile(path: string): void {
  if (extname(path).toLowerCase() !== '.onnx')
    throw new UsageError(
      `A policy is exported as .onnx, but the file is to be ${path}. Choose a name that ends in .onnx.`,
    );
  const folder = dirname(resolve(path));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`Exporting to ${path} failed: there is no folder ${folder}. Make it first.`);
}

/** Normalized actions, and the same in the environment's own units. */
function inUnits(env: Env<Box, Box>, mode: tf.Tensor): Record<'normalized_actions' | 'actions', tf.Tensor> {
  const { low, high } = actionBounds(env);
  const middle = tf.tensor1d(low.map((bound, i) => (bound + (high[i] as number)) / 2));
  const halfRange = tf.tensor1d(low.map((bound, i) => ((high[i] as number) - bound) / 2));
  const normalized = tf.clipByValue(mode, -1, 1);
  return { normalized_actions: normalized, actions: tf.add(middle, tf.mul(halfRange, normalized)) };
}

/** The bounds of the environment's own actions, inside all wrappers. */
function actionBounds(env: Env<Box, Box>): Box {
  const { actionSpace } = unwrapped(env as unknown as Env); // Only looked at, whatever its spaces are.
  const own = actionSpace.kind === 'box' && flatSize(actionSpace) === flatSize(env.actionSpace) ? actionSpace : null;
  return own !== null && [...own.low, ...own.high].every(Number.isFinite) ? own : env.actionSpace;
}

/** The same environment, whose observations are kept; a null stands where an episode begins. */
function recording(env: Env<Box, Space>, kept: (Float32Array | null)[]): Env<Box, Space> {
  return {
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    async reset(options) {
      const result = await env.reset(options);
      kept.push(null, result.observation);
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

/** Largest difference between what a model and a policy do, over all observations, each with its own memory. */
async function compare(
  model: Uint8Array,
  batch: number,
  observations: readonly (Float32Array | null)[],
  policy: Policy,
  mode: PolicyMode,
  actionSpace: Space,
): Promise<number> {
  const { InferenceSession, Tensor } = await loadOnnxRuntime();
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  // Every row of the batch is the same, and must get the same action.
  const rows = (row: Float32Array) => {
    const all = new Float32Array(batch * row.length);
    for (let i = 0; i < batch; i++) all.set(row, i * row.length);
    return new Tensor('float32', all, [batch, row.length]);
  };
  let largest = 0;
  let own = policy.initialState();
  let states: Float32Array[] = [];
  return closeAfter(
    async () => {
      for (const observation of observations) {
        if (observation === null) {
          own = policy.initialState();
          states = mode.states.map(width => new Float32Array(width));
          continue;
        }
        const feeds = {
          observations: rows(observation),
          ...Object.fromEntries(states.map((state, i) => [`state_in_${i}`, rows(state)])),
        };
        const outputs = await session.run(feeds);
        const expected = await policy.computeSingleAction(observation, { deterministic: true, stateBatches: own });
        own = expected.states;
        states = states.map((state, i) => {
          const after = outputs[`state_out_${i}`]?.data;
          return after instanceof Float32Array ? after.slice(0, state.length) : state;
        });
        const found = (outputs.normalized_actions ?? outputs.actions)?.data;
        const action = actionSpace.kind === 'box' ? clipActions(expected.action) : expected.action;
        if (!(found instanceof Float32Array) || found.length !== batch * action.length) return Number.NaN;
        for (const [i, value] of found.entries())
          largest = Math.max(largest, Math.abs(value - (action[i % action.length] as number)));
      }
      return largest;
    },
    () => session.release(),
  );
}
