import { CallError } from '../errors.ts';
import { coppeliaSimFunctions } from '../scene/objects-file.ts';
import type { RemoteFunctions } from './function.ts';

/** Modules beside `sim` are plugins: `simIK`, `simOMPL`; `sim-2` is a later version of `sim`. */
const pluginName = /^sim[A-Z-]/;

function noSuchModule(name: string): CallError {
  return new CallError(
    `module '${name.slice(0, 60)}' not found: it is not served by the embedded server (graspbridge simulator serve), which has 'sim' alone.`,
  );
}

/** What the remote API says of itself. */
export const remoteApiFunctions: RemoteFunctions = {
  /** There are no plugins here. */
  'zmqRemoteApi.require': args => {
    const name = args.text(0);
    if (name !== 'sim' && name !== 'zmqRemoteApi') throw noSuchModule(name);
    return [];
  },

  /**
   * Functions and constants of `sim` by name; or what one name of it is, `sim.handle_all`; null for what there is not.
   *
   * CoppeliaSim's functions that are not served are listed too: a client then calls them and gets an error that says so.
   */
  'zmqRemoteApi.info': (args, { constants, functionNames }) => {
    const name = args.text(0);
    const [module, entry, ...more] = name.split('.');
    if (module === undefined || more.length > 0) return [null];
    const functions = functionNames
      .filter(each => each.startsWith(`${module}.`))
      .map(each => each.slice(module.length + 1));
    if (pluginName.test(module)) throw noSuchModule(module);
    if (functions.length === 0) return [null];
    const all = module === 'sim' ? new Set([...functions, ...coppeliaSimFunctions()]) : functions;
    const known: [string, unknown][] = Array.from(all, each => [each, { func: {} }]);
    if (module === 'sim') for (const [each, value] of Object.entries(constants)) known.push([each, { const: value }]);
    if (entry === undefined) return [Object.fromEntries(known)];
    const found = known.find(([each]) => each === entry);
    if (!found) return [null];
    // A constant itself is answered with its value; only tables are described.
    const value = module === 'sim' ? constants[entry] : undefined;
    return [value ?? found[1]];
  },
};
