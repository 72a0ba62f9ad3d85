import { type RemoteApiClient, RemoteApiError } from '../remote-api/index.ts';
import type { Check } from './finding.ts';
import { formatMilliseconds, quantile } from './statistics.ts';

/** Numbers of CoppeliaSim's, as `zmqRemoteApi.info('sim')` of 4.10 gives them. */
const parameters = { programVersion: 1, programRevision: 30, dynamicEngine: 8, headless: 34 } as const;
const engines = ['Bullet', 'ODE', 'Vortex', 'Newton', 'MuJoCo', 'Drake'];
const oldestVersion = 40_600;

const latencyCalls = { warmUp: 20, measured: 300 };
/** A simulator that shows its window, or is busy, may take this long for a call, ms. */
const slowCall = 5;

/** What is asked of a simulator that need not be in any particular state. */
export function connectionChecks(client: RemoteApiClient): readonly Check[] {
  const number = async (func: string, args: readonly unknown[], signal: AbortSignal): Promise<number> => {
    const [value] = await client.call(func, args, { signal });
    if (typeof value !== 'number') throw new Error(`${func} returned a ${typeof value} where a number belongs`);
    return value;
  };
  return [
    {
      name: 'version',
      essential: true,
      limit: 5,
      async run(signal) {
        const version = await number('sim.getInt32Param', [parameters.programVersion], signal);
        const revision = await number('sim.getInt32Param', [parameters.programRevision], signal);
        const engine = await number('sim.getInt32Param', [parameters.dynamicEngine], signal);
        const [headless] = await client.call('sim.getBoolParam', [parameters.headless], { signal });
        const text = `${Math.floor(version / 10_000)}.${Math.floor(version / 100) % 100}.${version % 100}`;
        const found = `${text} rev ${revision}, ${headless === true ? 'headless' : 'with its window'}, physics by ${engines[engine] ?? `engine ${engine}`}`;
        const numbers = { version, revision };
        if (version >= oldestVersion) return { found, numbers };
        return { status: 'failed', found, numbers, advice: 'Install CoppeliaSim 4.6 or later.' };
      },
    },
    {
      name: 'latency',
      essential: false,
      limit: 10,
      async run(signal) {
        const milliseconds: number[] = [];
        const end = performance.now() + 5000;
        for (let i = -latencyCalls.warmUp; i < latencyCalls.measured && performance.now() < end; i++) {
          const began = performance.now();
          await client.call('sim.getSimulationState', [], { signal });
          if (i >= 0) milliseconds.push(performance.now() - began);
        }
        const times = Float64Array.from(milliseconds);
        const [median, high] = [quantile(times, 0.5), quantile(times, 0.99)];
        const slow = median > slowCall;
        return {
          status: slow ? 'note' : 'ok',
          found: `${formatMilliseconds(median)} a call (median), ${formatMilliseconds(high)} (p99), of ${times.length}`,
          numbers: { medianMilliseconds: median, p99Milliseconds: high, calls: times.length },
          advice: slow
            ? 'That is slow: run it headless, and end what else it has to do. The fast lane does without such calls.'
            : undefined,
        };
      },
    },
    {
      name: 'batches',
      essential: false,
      limit: 10,
      advice: 'Programs that use batches will not work; everything else does.',
      async run(signal) {
        const reads = Array.from({ length: 21 }, () => ['sim.getSimulationTime'] as const);
        await client.batch(reads, { signal });
        const began = performance.now();
        const results = await client.batch(reads, { signal });
        const milliseconds = performance.now() - began;
        const failed = results.find(result => !result.ok);
        if (failed !== undefined && !failed.ok) throw failed.error;
        return {
          found: `21 calls in ${formatMilliseconds(milliseconds)}`,
          numbers: { millisecondsFor21Calls: milliseconds },
        };
      },
    },
    {
      name: 'plugins',
      essential: true,
      limit: 30,
      async run(signal) {
        const loaded = await loadedPlugins(client, signal);
        if (loaded === undefined)
          return { found: 'it has none: what the fast lane needs is built in', numbers: { plugins: 0 } };
        const absent: string[] = [];
        for (const name of Object.keys(wanted))
          if (!loaded.includes(name) && !(await canRequire(client, name, signal))) absent.push(name);
        const here = Object.keys(wanted).filter(name => !absent.includes(name));
        const found = `${here.join(', ') || 'none of those that matter'}${absent.length > 0 ? `; not ${absent.join(', ')}` : ''} (${loaded.length} loaded)`;
        const numbers = { plugins: loaded.length };
        if (absent.length === 0) return { found, numbers };
        return {
          status: absent.includes('simZMQ') ? 'failed' : 'note',
          found,
          numbers,
          advice: absent.map(name => `${name}: ${wanted[name]}`).join('. '),
        };
      },
    },
  ];
}

/** Plugins that people ask for, and what is lost without each. */
const wanted: Readonly<Record<string, string>> = {
  simZMQ: 'the fast lane needs it; reinstall CoppeliaSim with all its plugins',
  simGeom: 'not needed here; collision checks and proximity sensors of other programs detect nothing without it',
  simIK: 'not needed here, where inverse kinematics is computed outside',
};
/** Enough for any installation: a list that does not end is none. */
const pluginLimit = 200;

/** Names of the plugins that are loaded; undefined where the simulator knows nothing of plugins. */
async function loadedPlugins(client: RemoteApiClient, signal: AbortSignal): Promise<string[] | undefined> {
  try {
    const [names] = await client.call('sim.getLoadedPlugins', [], { signal });
    if (Array.isArray(names)) return names.slice(0, pluginLimit).map(String);
  } catch (error) {
    if (!(error instanceof RemoteApiError)) throw error;
  }
  const names: string[] = [];
  try {
    while (names.length < pluginLimit) {
      const [name] = await client.call('sim.getPluginName', [names.length], { signal });
      if (typeof name !== 'string' || name === '') break;
      names.push(name);
    }
  } catch (error) {
    if (!(error instanceof RemoteApiError)) throw error;
    // The first call fails where there is no such function; a later one at the end of the list.
    if (names.length === 0) return undefined;
  }
  return names;
}

/** Most plugins are loaded when they are first asked for. */
async function canRequire(client: RemoteApiClient, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.call('zmqRemoteApi.require', [name], { signal });
    return true;
  } catch (error) {
    if (error instanceof RemoteApiError) return false;
    throw error;
  }
}
