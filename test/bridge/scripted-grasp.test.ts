import { describe, expect, it } from 'vitest';
import { createMujocoSimulator, type Pose, type Simulator, type SimulatorState } from '../../src/bridge/index.ts';
import { Random } from '../../src/common/random.ts';
import { wrapAngle, yawQuaternion } from '../../src/common/rotations.ts';

const tableTop = 0.75;
/** Pads' centre beyond the tip, m. */
const padsBeyondTip = 0.103;
const lift = 0.12;

interface Block {
  readonly name: string;
  readonly size: readonly [number, number, number];
  readonly mass: number;
}

const blocks: readonly Block[] = [
  { name: '5 × 10 × 5 cm, 0.25 kg', size: [0.05, 0.1, 0.05], mass: 0.25 },
  { name: '5 × 5 × 6 cm, 0.1 kg', size: [0.05, 0.05, 0.06], mass: 0.1 },
];

/** Goes above the block, down with the fingers across its 5 cm side, closes, lifts and shakes. */
async function grasp(simulator: Simulator, block: Block, x: number, y: number, blockYaw: number) {
  const half = block.size[2] / 2;
  let state: SimulatorState = await simulator.reset({
    jointPositions: simulator.kinematics.home,
    target: { position: [x, y, tableTop + half], orientation: yawQuaternion(blockYaw) },
  });
  // Fingers slide both ways: half a turn of the hand is the same grasp.
  const yaw = wrapAngle(blockYaw, Math.PI);
  const go = async (dx: number, height: number, gripperVelocity: number, steps: number) => {
    const goal: Pose = {
      position: [x + dx, y, tableTop + half + padsBeyondTip + height],
      orientation: [Math.cos(yaw / 2), Math.sin(yaw / 2), 0, 0],
    };
    for (let step = 0; step < steps; step++)
      state = await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity });
  };
  await go(0, lift, 0.1, 25);
  await go(0, 0, 0.1, 15);
  const seen = state.targetDetected;
  await go(0, 0, -0.2, 6);
  await go(0, lift, -0.2, 15);
  for (let shake = 0; shake < 4; shake++) await go(shake % 2 ? 0.05 : -0.05, lift, -0.2, 3);
  return { seen, contacts: state.contacts, height: state.target.position[2] - tableTop - half };
}

describe.each(blocks)('a scripted expert with the block of $name', block => {
  it('grasps, lifts and keeps it through shaking, at 20 random poses', async () => {
    const simulator = await createMujocoSimulator({ target: block });
    const random = new Random(11);
    for (let pose = 0; pose < 20; pose++) {
      const x = random.uniform(0.1, 0.45);
      const y = random.uniform(-0.3, 0.3);
      const yaw = random.uniform(-Math.PI, Math.PI);
      const { seen, contacts, height } = await grasp(simulator, block, x, y, yaw);
      const where = `x ${x.toFixed(3)}, y ${y.toFixed(3)}, yaw ${yaw.toFixed(2)}`;
      expect(seen, where).toBe(true);
      expect(contacts, where).toMatchObject({ leftPadTarget: true, rightPadTarget: true });
      expect(Math.abs(height - lift), where).toBeLessThan(0.02);
    }
    await simulator.close();
  });
});
