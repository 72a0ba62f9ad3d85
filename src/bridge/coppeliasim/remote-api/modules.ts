import { MessageError } from '../../errors.ts';
import { asList } from './protocol.ts';

/** A function of the simulator. Resolves to nothing, to its only result, or to the list of its results. */
export type RemoteFunction = (...args: unknown[]) => Promise<unknown>;

/** A module of the simulator whose functions are called by their names; constants: `client.constant('simIK.method_dls')`. */
export type UntypedModule = Readonly<Record<string, RemoteFunction>>;

/** Deeper is not looked for modules within modules. */
const MAX_DEPTH = 4;

/** A call's results as the official clients give them: nothing, the only one bare, or the list of several. */
export function unwrap(values: readonly unknown[]): unknown {
  return values.length === 0 ? undefined : values.length === 1 ? values[0] : values;
}

/**
 * An object of a module's functions and constants, made from what the simulator says of them.
 *
 * @param info as `zmqRemoteApi.info` gives it: `{func: …}` for a function, `{const: value}`, or the same of an inner table.
 * @throws MessageError where it is anything else.
 */
export function moduleFrom(
  name: string,
  info: unknown,
  call: (func: string, args: readonly unknown[]) => Promise<readonly unknown[]>,
  depth = 0,
): Readonly<Record<string, unknown>> {
  if (typeof info !== 'object' || info === null || Array.isArray(info) || depth > MAX_DEPTH)
    throw new MessageError(`Reading what ${name} consists of failed: the simulator did not answer with a table.`);
  const module: Record<string, unknown> = Object.create(null);
  // A table keyed by numbers has no names to call.
  for (const [key, entry] of info instanceof Map ? [] : Object.entries(info)) {
    const kinds = typeof entry === 'object' && entry !== null ? Object.keys(entry) : [];
    if (kinds.length === 1 && kinds[0] === 'func')
      module[key] = async (...args: unknown[]) => unwrap(await call(`${name}.${key}`, args));
    else if (kinds.length === 1 && kinds[0] === 'const')
      module[key] = (entry as { const: unknown }).const; // As `kinds` says.
    else module[key] = moduleFrom(`${name}.${key}`, entry, call, depth + 1);
  }
  return Object.freeze(module);
}

/** What is behind a name: `zmqRemoteApi.info` answers with the value of a constant, and with a table for all else. */
export function constantFrom(name: string, values: readonly unknown[]): number | string | boolean {
  const [value] = asList(values);
  if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean') return value;
  throw new MessageError(`Asking for ${name} failed: the simulator has no constant of that name.`);
}
