import { readLaneScript } from '../../coppeliasim/fast-lane/lane-script.ts';
import { isBatchScript } from '../../coppeliasim/remote-api/batch-script.ts';
import { CallError } from '../errors.ts';
import { identity } from '../poses.ts';
import { type Ask, type Context, objectArgument, plainHandle, type RemoteFunctions } from './function.ts';

const noLua = 'this server runs no Lua: it knows the scripts of graspbridge itself, and answers them natively.';

/** Calls of one batch. */
const batchLimit = 10_000;

/** What the batch script's own function does, without Lua: one result for each call, a failed one among them. */
async function batch(calls: unknown, context: Context): Promise<readonly unknown[]> {
  if (!Array.isArray(calls) || calls.length > batchLimit)
    throw new CallError(`error in script function: batch takes a list of at most ${batchLimit} calls.`);
  const results: unknown[] = [];
  for (const entry of calls as unknown[]) {
    const [name, , args] = Array.isArray(entry) ? (entry as unknown[]) : [];
    try {
      if (typeof name !== 'string') throw new CallError('a call has no name.');
      const values = await context.call(name, Array.isArray(args) ? args : []);
      results.push([true, values.length, ...values]);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      results.push([false, error.message]);
    }
  }
  return results;
}

/** Scripts: only those of this package, which are known by their first lines. */
export const scriptFunctions: RemoteFunctions = {
  'sim.createScript': (args, { world }) => {
    args.integer(0);
    const text = args.text(1);
    if (!isBatchScript(text) && readLaneScript(text) === null) throw new CallError(noLua);
    return [world.scene.make({ alias: 'Script', type: 'script', offset: identity, script: text }).handle];
  },
  'sim.initScript': async (args, context) => {
    objectArgument(args, 0, context);
    if (context.simulation.state !== 'stopped') await context.lanes.refresh();
    return [];
  },
  /** No object carries a script, and there is no Lua for those of the program. */
  'sim.getScript': (args, context) => {
    args.integer(0);
    if (args.has(1) && args.integer(1) >= 0) objectArgument(args, 1, context);
    return [-1];
  },
  'sim.callScriptFunction': async (args, context) => {
    const name = args.text(0);
    const script = context.world.scene.objects.get(plainHandle(args.integer(1)))?.script;
    if (script === undefined) throw new CallError('script does not exist.');
    if (isBatchScript(script) && name === 'batch') return [await batch(args.raw(2), context)];
    if (readLaneScript(script) && name === 'laneStatus') return [context.lanes.status(args.integer(1))];
    throw new CallError('error in script function.');
  },

  /** The function that comes with CoppeliaSim for trying callbacks: calls the client's `count` times and once more. */
  'sim.testCB': args => {
    const first = args.number(0);
    const callback = /^(.{1,500})@func$/s.exec(args.text(1))?.[1];
    if (callback === undefined) throw new CallError('argument 2 is not a function.');
    const second = args.number(2);
    const count = args.integer(3, 0);
    if (count < 0 || count > 1_000_000) throw new CallError('argument 4 is not in range.');
    const ask = (left: number): Ask => ({
      ask: callback,
      args: [first, second],
      resume: results => (left > 0 ? ask(left - 1) : results),
    });
    return ask(count);
  },
};
