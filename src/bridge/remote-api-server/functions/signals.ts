import type { Arguments } from '../arguments.ts';
import type { Stored } from '../stores.ts';
import { real } from '../values.ts';
import type { RemoteFunctions } from './function.ts';

/** Reading and writing one kind of signal; a signal that is not there answers nothing. */
function signal(
  kind: string,
  names: readonly string[],
  read: (args: Arguments) => Stored,
  answer: (value: Stored) => unknown = value => value,
  written: readonly unknown[] = [1],
): RemoteFunctions {
  return Object.fromEntries(
    names.flatMap(name => [
      [
        `sim.set${name}Signal`,
        (args, { stores }) => {
          stores.set(kind, args.text(0), read(args));
          return written;
        },
      ],
      [
        `sim.get${name}Signal`,
        (args, { stores }) => {
          const value = stores.get(kind, args.text(0));
          return value === undefined ? [] : [answer(value)];
        },
      ],
      /** Without a name, all of the kind. Returns how many there were. */
      [
        `sim.clear${name}Signal`,
        (args, { stores }) => [args.has(0) ? Number(stores.delete(kind, args.text(0))) : stores.clear(kind)],
      ],
    ]) satisfies [string, RemoteFunctions[string]][],
  );
}

const asReal = (value: Stored) => real(value as number); // Only numbers are stored as this kind.

/** Values that clients leave for each other by name. */
export const signalFunctions: RemoteFunctions = {
  ...signal('int32', ['Int32', 'Integer'], args => args.integer(1)),
  ...signal('float', ['Float', 'Double'], args => args.number(1), asReal),
  ...signal('string', ['String'], args => {
    const value = args.raw(1);
    return value instanceof Uint8Array ? value : args.text(1);
  }),
  ...signal('buffer', ['Buffer'], args => args.bytes(1), undefined, []),
};
