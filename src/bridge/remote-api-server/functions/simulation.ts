import { CallError } from '../errors.ts';
import { simulationStates } from '../simulation.ts';
import { real } from '../values.ts';
import type { RemoteFunctions, Wait } from './function.ts';

/** The scenes that this server stands in for: the original ones, and ours. */
const knownScenes = /(?:^|[\\/])(?:sawyer_reacher_rl_new(?:_ik)?|sawyer-grasp)\.(?:ttt|simscene\.xml|xml)$/;

/** Start, pause, stop, and one step after the other. */
export const simulationFunctions: RemoteFunctions = {
  'sim.startSimulation': async (_, { simulation, lanes }) => {
    await lanes.refresh();
    simulation.start();
    return [];
  },
  'sim.pauseSimulation': (_, { simulation }) => {
    simulation.pause();
    return [];
  },
  /** With `true`, the client is asked to wait until all is stopped. */
  'sim.stopSimulation': async (args, { simulation }) => {
    const ran = simulation.state !== 'stopped';
    await simulation.stop();
    if (!args.boolean(0, false) || !ran) return [];
    return { until: () => simulation.state === 'stopped', finish: () => [] } satisfies Wait;
  },
  'sim.getSimulationState': (_, { simulation }) => [simulationStates[simulation.state]],
  'sim.getSimulationStopping': () => [false],
  'sim.getSimulationTime': (_, { simulation }) => [real(simulation.time)],
  'sim.getSimulationTimeStep': (_, { world }) => [real(world.period)],
  'sim.getSystemTime': () => [real(performance.now() / 1000)],

  'sim.setStepping': (args, { session }) => [session.setStepping(args.boolean(0))],
  /** Returns at once, without a step, unless the simulation runs; also if it is paused meanwhile. */
  'sim.step': (_, { simulation, session }) => {
    if (simulation.failure) throw new CallError(simulation.failure.message);
    if (simulation.state !== 'running') return [];
    const awaited = session.step();
    return {
      until: () => simulation.steps >= awaited || simulation.state !== 'running',
      finish: () => {
        session.cancelStep();
        if (simulation.failure) throw new CallError(simulation.failure.message);
        return [];
      },
    } satisfies Wait;
  },

  /**
   * Seconds of simulation time, or with `false` of the clock. Returns what was left.
   *
   * A client that steps takes the steps of that time. The wait ends when the simulation is paused or stopped.
   */
  'sim.wait': (args, { simulation, session }) => {
    const seconds = args.number(0);
    const moving = () => simulation.state === 'running';
    const bySimulation = args.boolean(1, true) && moving();
    const now = () => (bySimulation ? simulation.time : performance.now() / 1000);
    const end = now() + seconds;
    return {
      until: () => {
        if (now() >= end - 1e-9 || (bySimulation && !moving())) return true;
        if (bySimulation && session.stepping && !session.ready()) session.step();
        return false;
      },
      finish: () => {
        session.cancelStep();
        return [real(0)];
      },
    } satisfies Wait;
  },

  /** The embedded scene stands for the scenes that it was made after; there is no other one to load. */
  'sim.loadScene': async (args, { simulation, world }) => {
    const path = args.text(0);
    if (path !== '' && !knownScenes.test(path))
      throw new CallError('this server has one scene, that of sawyer-grasp.xml, and cannot load another one.');
    await simulation.stop();
    await world.putBack();
    return [1];
  },
};
