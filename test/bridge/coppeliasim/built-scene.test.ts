import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findScene } from '../../../src/bridge/coppeliasim/find-objects.ts';
import { buildScene } from '../../../src/bridge/coppeliasim/scene-builder/index.ts';
import { createMujocoSimulator } from '../../../src/bridge/index.ts';
import { RecordedSim } from './scene-builder/recorded-sim.ts';

/** CoppeliaSim's look-up: `/a/b` is a `b` anywhere below an `a`. */
function lookingUp(sim: RecordedSim) {
  const isBelow = (alias: string, parent: number): boolean => {
    const object = sim.objects.get(parent);
    return object !== undefined && (object.alias === alias || isBelow(alias, object.parent));
  };
  return {
    async call(func: string, args: readonly unknown[] = []) {
      if (func !== 'sim.getObject') return sim.call(func, args);
      const names = String(args[0]).split('/').slice(1);
      const found = [...sim.objects].find(
        ([, { alias, parent }]) => alias === names.at(-1) && (names.length < 2 || isBelow(names[0] as string, parent)),
      );
      return [found?.[0] ?? -1];
    },
  };
}

test('the scene that is built has every object of its scene file, where the embedded simulator has it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-built-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const sim = new RecordedSim();
  await buildScene(sim, { out: join(folder, 'scene.ttt') });
  const { handles, path } = await findScene(lookingUp(sim));
  expect(basename(path)).toBe('sawyer-grasp.scene.json');

  const embedded = await createMujocoSimulator();
  onTestFinished(() => embedded.close());
  const jointPositions = [-0.295, -1.005, 0.1, 1.882, -0.2, 0.69, 1.3];
  for (const [j, angle] of jointPositions.entries())
    await sim.call('sim.setJointPosition', [handles.get(`joint${j + 1}`), angle]);
  for (const finger of ['leftFingerJoint', 'rightFingerJoint'])
    await sim.call('sim.setJointPosition', [handles.get(finger), 0.03]);
  const target = { position: [0.35, 0.025, 0.775], orientation: [0, 0, 0, 1] } as const;
  const state = await embedded.reset({ jointPositions, target, gripperOpening: 0.06 });

  const pose = async (name: string) => (await sim.call('sim.getObjectPose', [handles.get(name)]))[0] as number[];
  const close = (values: readonly number[]) => values.map(value => expect.closeTo(value, 4));
  const tip = await pose('tip');
  expect(tip.slice(0, 3)).toEqual(close(state.tip.position));
  // q and −q are the same rotation.
  const alignment = tip.slice(3).reduce((sum, x, i) => sum + x * (state.tip.orientation[i] as number), 0);
  expect(Math.abs(alignment)).toBeCloseTo(1, 6);
  expect((await pose('gripper')).slice(0, 3)).toEqual(close(state.gripper.position));
  expect((await pose('target')).slice(0, 3)).toEqual(close(state.target.position));
  const [left, right] = [await pose('leftPad'), await pose('rightPad')];
  const middle = [0, 1, 2].map(i => ((left[i] as number) + (right[i] as number)) / 2);
  expect(middle).toEqual(close(state.padsCenter));
  // The left one is outwards along the tip's x axis: 3 cm of its joint and half of the pad's thickness of 4 mm.
  const [x, y, z, w] = state.tip.orientation;
  const axis = [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)];
  const along = axis.reduce((sum, a, i) => sum + a * ((left[i] as number) - (right[i] as number)), 0);
  expect(along).toBeCloseTo(0.064, 4);
});
