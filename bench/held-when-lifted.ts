import { parseArgs } from 'node:util';
import { UsageError } from '../src/common/errors.ts';
import { type Env, SawyerEnv, type Space, unwrapped } from '../src/envs/index.ts';
import { findCheckpoint, loadPolicy } from '../src/training/index.ts';

export interface HeldWhenLiftedResult {
  readonly checkpoint: string;
  readonly episodes: number;
  /** Episodes that the task counted as a success. */
  readonly grasped: number;
  /** Of those, how often the block rose by more than 8 cm when the hand rose by 12. */
  readonly lifted: number;
}

/** Raises the hand by 12 cm in 2 s while the gripper stays closed: how far the block came along, m. */
async function raised({ simulator, state: start }: SawyerEnv): Promise<number> {
  const [x, y, z] = start.tip.position;
  let state = start;
  for (let period = 1; period <= 40; period++) {
    const goal = { position: [x, y, z + Math.min(0.12, 0.006 * period)], orientation: start.tip.orientation } as const;
    state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: -0.5 });
  }
  return state.target.position[2] - start.target.position[2];
}

/** Plays a trained policy's episodes, and after each that counts as a success lifts the hand to see what it holds. */
export async function run(checkpoint: string, episodes = 200, seed = 9_000_000): Promise<HeldWhenLiftedResult> {
  const { policy, env, config, close } = await loadPolicy(checkpoint);
  try {
    const sawyer = unwrapped(env as Env<Space, Space>);
    if (!(sawyer instanceof SawyerEnv)) throw new UsageError(`${config.env} has no arm that could lift anything.`);
    let [grasped, lifted] = [0, 0];
    for (let episode = 0; episode < episodes; episode++) {
      let { observation } = await env.reset({ seed: seed + episode });
      for (;;) {
        const { actions } = await policy.computeActions(observation as Float32Array, 1, { deterministic: true });
        const step = await env.step(actions.slice() as Float32Array);
        observation = step.observation;
        if (!step.terminated && !step.truncated) continue;
        if (step.info.success === true) {
          grasped++;
          if ((await raised(sawyer)) > 0.08) lifted++;
        }
        break;
      }
    }
    return { checkpoint, episodes, grasped, lifted };
  } finally {
    await close();
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    options: { 'runs-dir': { type: 'string', default: 'runs' }, episodes: { type: 'string', default: '200' } },
    allowPositionals: true,
  });
  for (const name of positionals) {
    const checkpoint = findCheckpoint({ run: name, runsDirectory: values['runs-dir'] });
    console.log(JSON.stringify(await run(checkpoint, Number(values.episodes))));
  }
}
