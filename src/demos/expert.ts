import type { SceneDescription } from '../bridge/index.ts';
import { UsageError } from '../common/errors.ts';
import type { Random } from '../common/random.ts';
import { type Block, type Box, type Env, NormalizedActions, SawyerEnv, unwrapped, Wrapper } from '../envs/index.ts';
import { endPositionExpert } from './end-position-expert.ts';
import { jointVelocityExpert } from './joint-velocity-expert.ts';
import { tipDisplacementExpert } from './tip-displacement-expert.ts';

/** Acts from the simulator's state, which it knows by itself: `[action]`, within the action space. */
export type Expert = () => Float32Array;

export interface ExpertOptions {
  /** Adds normal noise to every action, as a share of half the action space's width; the rest stays as it is. */
  readonly noise?: { readonly random: Random; readonly scale: number };
}

interface ExpertEntry {
  readonly task: string;
  readonly controlMode: string;
  /** The registered environment of that task. */
  readonly env: string;
  readonly make: (env: SawyerEnv, block: Block) => Expert;
}

/** The experts, each for one task and control mode. */
const EXPERTS: readonly ExpertEntry[] = [
  { task: 'grasp', controlMode: 'joint_velocity', env: 'SawyerGrasp-v1', make: jointVelocityExpert },
  { task: 'grasp', controlMode: 'end_position', env: 'SawyerGrasp-v1', make: endPositionExpert },
  { task: 'lift', controlMode: 'tip_displacement', env: 'SawyerLift-v1', make: tipDisplacementExpert },
];

function noExpert(given: string): UsageError {
  const available = EXPERTS.map(({ env, controlMode }) => `${env} with ${controlMode}`).join(', ');
  return new UsageError(
    `There is no expert for this environment (${given}). Environments with an expert: ${available}. ` +
      'Use one of them, or another policy than the expert.',
  );
}

/** The block of a scene: the box of its body `target`. */
function blockOf({ bodies }: SceneDescription): Block {
  const body = bodies.find(({ name }) => name === 'target');
  const box = body?.shapes.find(({ kind, collides }) => kind === 'box' && collides);
  if (body === undefined || box === undefined)
    throw new UsageError('An expert was asked for, but the scene has no body "target" with a box that collides.');
  const [x, y, z] = box.size;
  return { size: [2 * x, 2 * y, 2 * z], mass: body.mass, symmetry: x === y ? Math.PI / 2 : Math.PI };
}

/** What turns an expert's actions into those of the wrapped environment, from the inside out. */
function translation(env: Env): (action: Float32Array) => Float32Array {
  let translate = (action: Float32Array) => action;
  for (let at = env; at instanceof Wrapper; at = at.env) {
    const inner = translate;
    const wrapper = at;
    if (wrapper instanceof NormalizedActions) translate = action => inner(wrapper.fromEnvironment(action));
  }
  return translate;
}

/** Adds noise to each number and keeps it within its bounds. */
function withNoise(expert: Expert, { low, high }: Box, { random, scale }: NonNullable<ExpertOptions['noise']>): Expert {
  return () =>
    expert().map((value, i) => {
      const from = low[i] as number;
      const to = high[i] as number;
      return Math.max(from, Math.min(to, value + (random.normal() * scale * (to - from)) / 2));
    });
}

/**
 * A scripted expert for a Sawyer environment, wrapped or not, whose task is to grasp or to lift.
 *
 * ```ts
 * const expert = await createExpert(env);
 * await env.reset({ seed });
 * for (let ended = false; !ended; ) {
 *   const { terminated, truncated } = await env.step(expert());
 *   ended = terminated || truncated;
 * }
 * ```
 *
 * Its actions are those of the environment handed in: in [-1, 1] where its actions are normalized. It sees the
 * simulator's state, not the observation, and remembers nothing from one call to the next.
 *
 * Throws UsageError for an environment whose task and control mode have no expert; it lists those that have one.
 */
export async function createExpert(env: Env, { noise }: ExpertOptions = {}): Promise<Expert> {
  const sawyer = unwrapped(env);
  if (!(sawyer instanceof SawyerEnv)) throw noExpert('not a Sawyer environment');
  const { taskName, controlMode } = sawyer;
  const entry = EXPERTS.find(expert => expert.task === taskName && expert.controlMode === controlMode);
  if (entry === undefined) throw noExpert(`task "${taskName}", control mode "${controlMode}"`);
  const exact = entry.make(sawyer, blockOf(await sawyer.simulator.describe()));
  const expert = noise === undefined ? exact : withNoise(exact, sawyer.actionSpace, noise);
  const translate = translation(env);
  return () => translate(expert());
}
