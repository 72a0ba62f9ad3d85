import { afterEach, describe, expect, it } from 'vitest';
import { openSimulator } from '../../src/bridge/index.ts';
import { UsageError } from '../../src/common/errors.ts';
import { Random } from '../../src/common/random.ts';
import { createExpert } from '../../src/demos/index.ts';
import {
  type Env,
  graspOptions,
  graspTask,
  jointVelocityController,
  makeEnv,
  SawyerEnv,
  type Task,
  unwrapped,
} from '../../src/envs/index.ts';
import { PointEnv } from '../envs/toy-env.ts';

const EPISODES = 500;
const FIRST_SEED = 70_000;

let env: Env;
afterEach(() => env.close());

/** Plays an episode to its end and tells whether it succeeded. */
async function succeeds(expert: () => Float32Array, seed: number): Promise<boolean> {
  await env.reset({ seed });
  for (;;) {
    const { terminated, truncated, info } = await env.step(expert());
    if (terminated || truncated) return info.success === true;
  }
}

/** Lifts the hand by 10 cm without moving the fingers' servo, and waits: whether the block came along between both pads. */
async function survivesLifting({ simulator, state: start }: SawyerEnv): Promise<boolean> {
  const [x, y, z] = start.tip.position;
  let state = start;
  for (let period = 1; period <= 25; period++) {
    const height = z + Math.min(0.1, 0.01 * period);
    const goal = { position: [x, y, height], orientation: start.tip.orientation } as const;
    state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 });
  }
  const { leftPadTarget, rightPadTarget } = state.contacts;
  return leftPadTarget && rightPadTarget && state.target.position[2] - start.target.position[2] > 0.08;
}

describe.each(['joint_velocity', 'end_position'])('the expert in SawyerGrasp-v1, %s', controlMode => {
  it('grasps at 99 % of random poses within the step limit, and what counts as grasped can be lifted', async () => {
    env = await makeEnv('SawyerGrasp-v1', { controlMode });
    const expert = await createExpert(env);
    const failed: number[] = [];
    const dropped: number[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + EPISODES; seed++) {
      if (!(await succeeds(expert, seed))) failed.push(seed);
      else if (!(await survivesLifting(unwrapped(env) as SawyerEnv))) dropped.push(seed);
    }
    expect(failed.length, `failed with seeds ${failed}`).toBeLessThanOrEqual(0.01 * EPISODES);
    expect(dropped, 'counted as grasped, but slipped').toEqual([]);
  });
});

describe('the expert in SawyerLift-v1', () => {
  it('lifts at 99 % of random poses within the step limit', async () => {
    env = await makeEnv('SawyerLift-v1');
    const expert = await createExpert(env);
    const failed: number[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + EPISODES; seed++)
      if (!(await succeeds(expert, seed))) failed.push(seed);
    expect(failed.length, `failed with seeds ${failed}`).toBeLessThanOrEqual(0.01 * EPISODES);
  });
});

describe('an expert', () => {
  it('acts in the units of the environment it was made for, wrapped or not', async () => {
    env = await makeEnv('SawyerLift-v1');
    const sawyer = unwrapped(env) as SawyerEnv;
    const normalized = await createExpert(env);
    const own = await createExpert(sawyer);
    await env.reset({ seed: 1 });
    // Own bounds: 3 cm, 0.3 rad and 1 for the gripper.
    const scales = [0.03, 0.03, 0.03, 0.3, 1];
    const action = own();
    for (const [i, value] of normalized().entries())
      expect(value * (scales[i] as number)).toBeCloseTo(action[i] as number, 6);
  });

  it('adds noise from the generator handed in, within the bounds, the same for the same seed', async () => {
    env = await makeEnv('SawyerGrasp-v1');
    await env.reset({ seed: 1 });
    const exact = (await createExpert(env))();
    const noisy = async (seed: number) =>
      (await createExpert(env, { noise: { random: new Random(seed), scale: 0.3 } }))();
    expect(await noisy(5)).toEqual(await noisy(5));
    expect(await noisy(5)).not.toEqual(await noisy(6));
    expect(await noisy(5)).not.toEqual(exact);
    for (const value of await noisy(5)) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  });

  it('rejects an environment without an expert, and lists those with one', async () => {
    env = await makeEnv('SawyerReach-v1');
    await expect(createExpert(env)).rejects.toThrow(UsageError);
    await expect(createExpert(env)).rejects.toThrow(
      /task "reach", control mode "tip_displacement".*SawyerGrasp-v1 with joint_velocity.*SawyerLift-v1 with tip_displacement/,
    );
    await expect(createExpert(new PointEnv())).rejects.toThrow(UsageError);
  });

  it('rejects another task although its actions have as many numbers as those of a task with an expert', async () => {
    const simulator = await openSimulator('mujoco', {});
    const push: Task = { ...graspTask(graspOptions({})), name: 'push' };
    env = new SawyerEnv(simulator, jointVelocityController(0.5), push) as unknown as Env;
    await expect(createExpert(env)).rejects.toThrow(/task "push", control mode "joint_velocity"/);
  });
});
