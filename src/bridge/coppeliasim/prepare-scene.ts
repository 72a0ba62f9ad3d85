import { SceneError } from '../errors.ts';
import type { TargetOptions } from '../mujoco/scene-file.ts';
import type { FoundScene } from './find-objects.ts';
import { RemoteApiError } from './remote-api/index.ts';
import { callNumber, callNumbers, constants, type RemoteCalls } from './remote-calls.ts';

/** Sizes (m) and masses (kg) nearer than this are the same: CoppeliaSim keeps them in single precision. */
const TOLERANCE = 1e-6;

/**
 * Sets a stopped scene up: its time step, the block's size and mass, joints that physics moves, no other script at the
 * arm, and no waiting for the clock.
 *
 * @throws SceneError where the scene does not take what it is told.
 */
export async function prepareScene(calls: RemoteCalls, scene: FoundScene, target: TargetOptions): Promise<void> {
  await setTimeStep(calls, scene.file.timeStep);
  // The handles are there: the scene was found with all of them.
  await setTarget(calls, scene.handles.get('target') as number, target);
  // Physics moves them, not inverse kinematics as in the original's second scene; the lane's script sees to the rest.
  for (const [name, handle] of scene.handles)
    if (/joint/i.test(name))
      await calls.call('sim.setJointMode', [handle, constants.jointModeDynamic, 0]).catch(passOver);
  // As fast as it can, where the simulator has a choice.
  await calls.call('sim.setBoolParam', [constants.boolParamRealTime, false]).catch(passOver);
  for (const name of ['arm', 'gripper']) await silence(calls, scene.handles.get(name) as number);
}

/** Passes over that a simulator refuses what it may do without, but not that it is lost. */
function passOver(error: unknown): void {
  if (!(error instanceof RemoteApiError)) throw error;
}

async function setTimeStep(calls: RemoteCalls, timeStep: number): Promise<void> {
  const read = () => callNumber(calls, 'sim.getSimulationTimeStep');
  if (Math.abs((await read()) - timeStep) <= TOLERANCE) return;
  await calls.call('sim.setFloatParam', [constants.floatParamTimeStep, timeStep]);
  const found = await read();
  if (Math.abs(found - timeStep) > TOLERANCE)
    throw new SceneError(
      `The scene advances ${found} s a step and was told ${timeStep} s in vain. Set its time step to custom, ${timeStep} s, and save it.`,
    );
}

async function setTarget(calls: RemoteCalls, handle: number, { size, mass }: TargetOptions): Promise<void> {
  const readSize = () => callNumbers(calls, 'sim.getShapeBB', [handle], 3);
  const readMass = () => callNumber(calls, 'sim.getShapeMass', [handle]);
  const same = (found: readonly number[]) =>
    size.every((extent, i) => Math.abs(extent - (found[i] as number)) < TOLERANCE);
  if (!same(await readSize())) {
    await calls.call('sim.setShapeBB', [handle, [...size]]);
    // The inertia of the new shape; its mass is set right below, and scales it.
    const density = mass / (size[0] * size[1] * size[2]);
    await calls.call('sim.computeMassAndInertia', [handle, density]).catch(passOver);
  }
  if (Math.abs((await readMass()) - mass) > TOLERANCE) await calls.call('sim.setShapeMass', [handle, mass]);
  const found = await readSize();
  const foundMass = await readMass();
  if (!same(found) || Math.abs(foundMass - mass) > TOLERANCE)
    throw new SceneError(
      `The block must be ${size.join(' × ')} m and weigh ${mass} kg, but the simulator made it ${found.join(' × ')} m and ${foundMass} kg. ` +
        'The scene file’s target must be a single box.',
    );
}

/**
 * Disables the simulation script that comes with an object: the models of the original scene bring scripts that drive
 * the same joints. Nothing is saved, so the scene on disk keeps them.
 */
async function silence(calls: RemoteCalls, handle: number): Promise<void> {
  try {
    const script = await callNumber(calls, 'sim.getScript', [constants.scriptTypeSimulation, handle]);
    if (script < 0) return;
    const disable = [script, constants.scriptIntParamEnabled, 0];
    // Scripts are objects from 4.7 on, and were things of their own before.
    await calls.call('sim.setObjectInt32Param', disable).catch((error: unknown) => {
      passOver(error);
      return calls.call('sim.setScriptInt32Param', disable);
    });
  } catch (error) {
    // Most objects have none, which is an error in some versions.
    passOver(error);
  }
}
