import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { toSimulatorChoice } from '../../src/cli/train-options.ts';

it('makes the paths of scenes absolute, for workers and for a run that is resumed elsewhere', () => {
  expect(toSimulatorChoice({ scene: 'scenes/mine.xml', 'scene-file': 'mine.scene.json' })).toEqual({
    simulatorOptions: { scene: resolve('scenes/mine.xml'), sceneFile: resolve('mine.scene.json') },
  });
  expect(toSimulatorChoice({ simulator: 'mujoco' })).toEqual({ simulator: 'mujoco' });
});
