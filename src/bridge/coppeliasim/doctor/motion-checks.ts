import { setTimeout as pause } from 'node:timers/promises';
import { closeAfter } from '../../../common/close-all.ts';
import type { SimulatorState } from '../../simulator.ts';
import { createCoppeliaSimSimulator } from '../index.ts';
import type { RemoteApiClient } from '../remote-api/index.ts';
import { stopSimulation } from '../remote-calls.ts';
import type { CoppeliaSimSimulator } from '../simulator.ts';
import type { Check } from './finding.ts';
import { formatRate, formatTimes } from './statistics.ts';

const realTimeParameter = 25;
/** The original scene's start, and a motion that stays clear of everything: rad, rad/s. */
const resets = { count: 10, steps: 10, velocities: [0.2, -0.1, 0.1, 0.15, -0.2, 0.2, -0.3] };
/** Repeated episodes of a real CoppeliaSim differ by 1.4e-3 at most, as measured with 4.10 and Bullet 2.78. */
const nearEnough = 5e-3;

/**
 * Checks that move the simulation, which must be stopped; each leaves it stopped.
 *
 * @param options.measuringTime how long each speed is measured, s.
 */
export function motionChecks(
  client: RemoteApiClient,
  { sceneFile, measuringTime = 2 }: { readonly sceneFile?: string; readonly measuringTime?: number },
): readonly Check[] {
  const open = () =>
    createCoppeliaSimSimulator({ address: client.address, ...(sceneFile === undefined ? {} : { sceneFile }) });
  return [
    {
      name: 'steps by calls',
      essential: false,
      limit: 20,
      advice: 'Another client may hold the simulation. End it, and try again.',
      async run(signal) {
        const rate = await withSimulation(client, () =>
          client.stepping(
            async ({ step }) => {
              await client.call('sim.startSimulation', [], { signal });
              await step({ signal });
              return perSecond(async () => {
                await step({ signal });
                for (const func of ['sim.getSimulationTime', 'sim.getSimulationState', 'sim.getSimulationTimeStep'])
                  await client.call(func, [], { signal });
              }, measuringTime);
            },
            { signal },
          ),
        );
        return { found: `${formatRate(rate)} with three reads each`, numbers: { stepsPerSecond: rate } };
      },
    },
    {
      name: 'free running',
      essential: false,
      limit: 20,
      async run(signal) {
        const number = async (func: string) => Number((await client.call(func, [], { signal }))[0]);
        const period = await number('sim.getSimulationTimeStep');
        const [realTime] = await client.call('sim.getBoolParam', [realTimeParameter], { signal });
        const rate = await withSimulation(client, async () => {
          await client.call('sim.startSimulation', [], { signal });
          await pause(200, undefined, { signal });
          const [from, began] = [await number('sim.getSimulationTime'), performance.now()];
          await pause(1000 * measuringTime, undefined, { signal });
          return ((await number('sim.getSimulationTime')) - from) / period / ((performance.now() - began) / 1000);
        });
        const numbers = { stepsPerSecond: rate, realTime: Number(realTime === true) };
        const found = `${formatRate(rate)}, ${formatTimes(rate * period)} real time`;
        if (realTime !== true) return { found, numbers };
        return {
          status: 'note',
          found,
          numbers,
          advice: 'Real-time mode holds it back; the fast lane does not wait for it.',
        };
      },
    },
    {
      name: 'fast lane',
      essential: true,
      limit: 40,
      advice:
        'Training needs it. Load a scene with the arm (--scene), or build one: graspbridge simulator build-scene --out sawyer.ttt.',
      async run() {
        const simulator = await open();
        return closeAfter(async () => {
          const { home } = simulator.kinematics;
          await simulator.reset({ jointPositions: home, target });
          let sign = 1;
          const rate = await perSecond(async () => {
            sign = -sign;
            await simulator.step(motion(resets.velocities.map(velocity => velocity * sign)));
          }, measuringTime);
          return { found: `${formatRate(rate)} with the whole state each`, numbers: { stepsPerSecond: rate } };
        }, simulator);
      },
    },
    {
      name: 'repeatability',
      essential: false,
      limit: 60,
      async run() {
        const simulator = await open();
        return closeAfter(async () => {
          const difference = await largestDifference(simulator);
          const found = `${resets.count} times the same ${resets.steps} steps: states differ by ${difference === 0 ? 'nothing' : `${difference.toExponential(1)} at most`}`;
          const numbers = { largestDifference: difference };
          if (difference <= nearEnough) return { found, numbers };
          return {
            status: 'note',
            found,
            numbers,
            advice: 'Episodes are not repeatable: look for scripts in the scene that move things by themselves.',
          };
        }, simulator);
      },
    },
  ];
}

const target = { position: [0.35, 0.025, 0.775], orientation: [0, 0, 0, 1] } as const;
const motion = (velocities: readonly number[]) =>
  ({ arm: { kind: 'joint_velocity', velocities }, gripperVelocity: 0 }) as const;

/** How often something can be done in a second, for as long as is measured. */
async function perSecond(once: () => Promise<void>, measuringTime: number): Promise<number> {
  const began = performance.now();
  let times = 0;
  let seconds = 0;
  do {
    await once();
    times++;
    seconds = (performance.now() - began) / 1000;
  } while (seconds < measuringTime);
  return times / seconds;
}

/** Stops the simulation afterwards, whatever happened. */
async function withSimulation<T>(client: RemoteApiClient, body: () => Promise<T>): Promise<T> {
  return closeAfter(
    async () => {
      return await body();
    },
    () => stopSimulation(client, 5),
  );
}

/** Largest difference between the ends of the first episode and any other, over all numbers of the state. */
async function largestDifference(simulator: CoppeliaSimSimulator): Promise<number> {
  let first: number[] | undefined;
  let largest = 0;
  for (let episode = 0; episode < resets.count; episode++) {
    await simulator.reset({ jointPositions: simulator.kinematics.home, target });
    let state: SimulatorState | undefined;
    for (let i = 0; i < resets.steps; i++) state = await simulator.step(motion(resets.velocities));
    const numbers = state === undefined ? [] : numbersOf(state);
    first ??= numbers;
    for (const [i, value] of numbers.entries()) largest = Math.max(largest, Math.abs(value - (first[i] as number)));
  }
  return largest;
}

function numbersOf({ jointPositions, jointVelocities, tip, target, gripperOpening }: SimulatorState): number[] {
  const poses = [tip, target].flatMap(({ position, orientation }) => [...position, ...orientation]);
  return [...jointPositions, ...jointVelocities, ...poses, gripperOpening];
}
