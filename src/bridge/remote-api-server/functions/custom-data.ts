import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import type { Stored } from '../stores.ts';
import { real } from '../values.ts';
import { type Context, objectOf, type RemoteFunctions } from './function.ts';

/** `sim.handle_scene` and `sim.handle_app`: the scene and the program itself can carry data, as objects can. */
const carriers: Readonly<Record<number, string>> = { [-12]: 'scene', [-13]: 'app' };

/** What data of an object, or of the scene, is stored under. */
function carrierOf(args: Arguments, { world }: Context): string {
  const handle = args.integer(0);
  return carriers[handle] ?? `object ${objectOf(world.scene, handle).handle}`;
}

/** Names of properties that a client can make: its own data. */
const customName = /^(?:customData|signal)\.[\w.]{1,200}$/;

function propertyName(args: Arguments): string {
  const name = args.text(1);
  if (!customName.test(name)) throw new CallError(`property ${JSON.stringify(name.slice(0, 60))} does not exist.`);
  return name;
}

/** Reading and writing properties of one type; with `noError` one that is not there answers nothing. */
function property(
  type: string,
  read: (args: Arguments) => Stored,
  answer: (value: Stored) => unknown = value => value,
) {
  return {
    [`sim.set${type}Property`]: (args, context) => {
      context.stores.set(carrierOf(args, context), propertyName(args), read(args));
      return [];
    },
    [`sim.get${type}Property`]: (args, context) => {
      const value = context.stores.get(carrierOf(args, context), propertyName(args));
      if (value !== undefined) return [answer(value)];
      if (args.table(2).noError === true) return [];
      throw new CallError('property does not exist.');
    },
  } satisfies RemoteFunctions;
}

const text = {
  'sim.writeCustomStringData': (args, context) => {
    const carrier = carrierOf(args, context);
    const data = args.text(2);
    if (data === '') context.stores.delete(carrier, `text ${args.text(1)}`);
    else context.stores.set(carrier, `text ${args.text(1)}`, data);
    return [];
  },
  'sim.readCustomStringData': (args, context) => [
    context.stores.get(carrierOf(args, context), `text ${args.text(1)}`) ?? '',
  ],
} satisfies RemoteFunctions;

const block = {
  'sim.writeCustomDataBlock': (args, context) => {
    const carrier = carrierOf(args, context);
    const data = args.bytes(2);
    if (data.length === 0) context.stores.delete(carrier, `data ${args.text(1)}`);
    else context.stores.set(carrier, `data ${args.text(1)}`, data);
    return [1];
  },
  'sim.readCustomDataBlock': (args, context) => {
    const data = context.stores.get(carrierOf(args, context), `data ${args.text(1)}`);
    return data === undefined ? [] : [data];
  },
} satisfies RemoteFunctions;

/** Data that clients leave on objects and on the scene. */
export const customDataFunctions: RemoteFunctions = {
  ...property('Int', args => args.integer(2)),
  ...property('Bool', args => args.boolean(2)),
  ...property(
    'Float',
    args => args.number(2),
    value => real(value as number),
  ),
  ...property('String', args => args.text(2)),
  ...property('Buffer', args => args.bytes(2)),
  'sim.removeProperty': (args, context) => {
    if (!context.stores.delete(carrierOf(args, context), propertyName(args)))
      throw new CallError('property does not exist.');
    return [];
  },
  ...block,
  ...text,
  'sim.writeCustomBufferData': block['sim.writeCustomDataBlock'],
  'sim.readCustomBufferData': block['sim.readCustomDataBlock'],
};
