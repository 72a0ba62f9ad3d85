import { expect, it } from 'vitest';
import { createMujocoSimulator, type SimulatorState } from '../../src/bridge/index.ts';
import { facingDown, isGrasped, makeEnv, ORIGINAL_BLOCK, type SawyerEnv, unwrapped } from '../../src/envs/index.ts';

/** Pads' centre beyond the tip, half a pad's length (m): with these, pads stand on the block's top. */
const PADS_FROM_TIP = 0.103;
const HALF_PAD = 0.018;
const TABLE_TOP = 0.75;

/** Both pads press on the block, which is all that a grasp test by contact alone would ask. */
function bothPadsTouch({ contacts }: SimulatorState): boolean {
  return contacts.leftPadTarget && contacts.rightPadTarget;
}

it.each([0, 0.02, 0.03, 0.04])(
  'fingers %s m apart that press on the top of the block do not grasp it',
  async gripperOpening => {
    const { size, mass } = ORIGINAL_BLOCK;
    const simulator = await createMujocoSimulator({ target: { size, mass } });
    const { kinematics } = simulator;
    const block = [0.3, 0, TABLE_TOP + size[2] / 2] as const;
    const standing = TABLE_TOP + size[2] + HALF_PAD + PADS_FROM_TIP;
    const orientation = facingDown(0);
    const above = kinematics.solve({ position: [block[0], block[1], standing + 0.02], orientation }, kinematics.home);
    if (above === null) throw new Error('The arm cannot reach the block of this test.');
    await simulator.reset({
      jointPositions: above,
      target: { position: block, orientation: [0, 0, 0, 1] },
      gripperOpening,
    });
    let touching = 0;
    for (let period = 0; period < 40; period++) {
      // Aims below the top, deeper and deeper, so that the arm presses.
      const position = [block[0], block[1], standing - 0.001 * period] as const;
      const goal = { position, orientation };
      const state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 });
      if (bothPadsTouch(state)) touching++;
      expect(isGrasped(state), `period ${period}, pads ${state.gripperOpening} m apart`).toBe(false);
    }
    // Otherwise the test has not tried what it is about.
    expect(touching).toBeGreaterThan(5);
    await simulator.close();
  },
);

it('a policy that presses closed fingers on the block gets neither a grasp nor a success from SawyerLift-v1', async () => {
  const env = await makeEnv('SawyerLift-v1', { target: 'fixed' });
  const sawyer = unwrapped(env) as SawyerEnv;
  await env.reset({ seed: 3 });
  let touching = 0;
  for (let step = 0; step < 50; step++) {
    const { tip, target } = sawyer.state;
    const [dx, dy] = [target.position[0] - tip.position[0], target.position[1] - tip.position[1]];
    const down = Math.hypot(dx, dy) < 0.005 ? -1 : 0;
    const action = Float32Array.of(dx / 0.03, dy / 0.03, down, 0, -1).map(value => Math.max(-1, Math.min(1, value)));
    const { info } = await env.step(action);
    if (bothPadsTouch(sawyer.state)) touching++;
    expect(info).toMatchObject({ grasped: false, success: false });
  }
  expect(touching).toBeGreaterThan(5);
  await env.close();
});
