import { describe, expect, it } from 'vitest';
import { createMujocoSimulator, type Simulator } from '../../src/bridge/index.ts';
import { mujocoModule } from '../../src/bridge/mujoco/module.ts';

const target = { position: [0.3, 0, 0.775], orientation: [0, 0, 0, 1] } as const;

/** Bytes of the WebAssembly memory, which never shrinks. */
async function memorySize(): Promise<number> {
  const mujoco = await mujocoModule();
  const buffer = new mujoco.DoubleBuffer(1);
  const bytes = (buffer.GetView() as Float64Array).buffer.byteLength;
  buffer.delete();
  return bytes;
}

describe('WebAssembly memory', () => {
  it('does not grow over 1,000 simulators opened, used and closed', async () => {
    const use = async (index: number) => {
      // Ten kinds of blocks: more than the compiled scenes that are kept.
      const size = [0.04 + 0.001 * (index % 10), 0.05, 0.06] as const;
      const simulator = await createMujocoSimulator({ target: { size, mass: 0.1 } });
      await simulator.reset({ jointPositions: simulator.kinematics.home, target });
      if (index === 5) await simulator.describe();
      await simulator.snapshot();
      await simulator.close();
    };
    for (let index = 0; index < 20; index++) await use(index);
    const before = await memorySize();
    // Mostly one kind, so that the test is quick; every fortieth another, which is compiled.
    for (let index = 0; index < 1000; index++) await use(index % 40 === 0 ? index / 40 : 0);
    expect(await memorySize()).toBe(before);
  });

  it('may grow under a simulator without harm: its arrays are found again', async () => {
    const simulator = await createMujocoSimulator();
    const command = {
      arm: { kind: 'joint_velocity', velocities: [0.3, 0.2, -0.1, 0.4, 0, 0.2, 0.5] },
      gripperVelocity: -0.1,
    } as const;
    const run = async (interrupt: () => Promise<void>) => {
      await simulator.reset({ jointPositions: simulator.kinematics.home, target });
      await simulator.step(command);
      const snapshot = await simulator.snapshot();
      await interrupt();
      const restored = await simulator.restore(snapshot);
      return [restored, await simulator.step(command), await simulator.bodyPoses()];
    };
    const expected = await run(async () => {});

    const before = await memorySize();
    const crowd: Simulator[] = [];
    const grown = await run(async () => {
      while ((await memorySize()) === before && crowd.length < 500) crowd.push(await createMujocoSimulator());
    });
    expect(await memorySize()).toBeGreaterThan(before);
    expect(grown).toEqual(expected);
    for (const each of [simulator, ...crowd]) await each.close();
  });
});
