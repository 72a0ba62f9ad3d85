import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import type { Stored } from '../stores.ts';
import {
  applicationProperties,
  type BuiltInProperties,
  type BuiltInProperty,
  objectProperties,
  sceneProperties,
} from './built-in-properties.ts';
import { appHandle, carrierOf, sceneHandle } from './carriers.ts';
import { type Context, objectOf, type RemoteFunction, type RemoteFunctions } from './function.ts';
import { type PropertyTypeName, propertyTypes, typeOfValue } from './property-types.ts';

/** Names of properties that a client can make: its own data. */
const customName = /^(?:customData|signal)\.[\w.]{1,200}$/;

/** `sim.propertyinfo_notwritable`, `_removable` */
const notWritable = 1;
const removable = 4;

function builtIn(args: Arguments, context: Context): BuiltInProperties {
  const handle = args.integer(0);
  if (handle === sceneHandle) return sceneProperties(context);
  if (handle === appHandle) return applicationProperties(context);
  return objectProperties(objectOf(context.world.scene, handle), context);
}

function noSuchProperty(name: string): CallError {
  return new CallError(`no such property: ${name.slice(0, 60)}`);
}

/** Where the type of a property that a client made is kept, beside its value. */
const typeKey = (name: string) => `type of ${name}`;

async function find(
  args: Arguments,
  context: Context,
): Promise<{ readonly type: PropertyTypeName; readonly value: Stored } | undefined> {
  const name = args.text(1);
  const property = builtIn(args, context).get(name);
  if (property) return { type: property.type, value: await property.get() };
  const carrier = carrierOf(args, context);
  const value = customName.test(name) ? context.stores.get(carrier, name) : undefined;
  if (value === undefined) return undefined;
  return { type: context.stores.get(carrier, typeKey(name)) as PropertyTypeName, value }; // Stored together.
}

/** The value of a property; nil for one that is not there where the client asks for no error. */
function getter(wanted?: PropertyTypeName): RemoteFunction {
  return async (args, context) => {
    const found = await find(args, context);
    if (!found) {
      if (args.table(2).noError) return [null];
      throw noSuchProperty(args.text(1));
    }
    if (wanted !== undefined && found.type !== wanted) throw new CallError('property type mismatch.');
    return [propertyTypes[found.type].answer(found.value)];
  };
}

async function setBuiltIn(
  name: string,
  property: BuiltInProperty,
  wanted: PropertyTypeName | undefined,
  args: Arguments,
  context: Context,
): Promise<readonly unknown[]> {
  if (wanted !== undefined && property.type !== wanted) throw new CallError('property type mismatch.');
  const value = propertyTypes[property.type].read(args, 2);
  if (!property.set) throw new CallError(`property ${name} cannot be changed in the embedded scene.`);
  await context.call(...property.set(value));
  return [];
}

function setter(wanted?: PropertyTypeName): RemoteFunction {
  return async (args, context) => {
    const name = args.text(1);
    const property = builtIn(args, context).get(name);
    if (property) return setBuiltIn(name, property, wanted, args, context);
    if (!customName.test(name)) throw noSuchProperty(name);
    const type = wanted ?? typeOfValue(args, 2);
    const carrier = carrierOf(args, context);
    context.stores.set(carrier, name, propertyTypes[type].read(args, 2));
    context.stores.set(carrier, typeKey(name), type);
    return [];
  };
}

const typed: RemoteFunctions = Object.fromEntries(
  (Object.keys(propertyTypes) as PropertyTypeName[]).flatMap(type => [
    [`sim.get${type}Property`, getter(type)],
    [`sim.set${type}Property`, setter(type)],
  ]),
);

/** Properties by name: those that objects have, and those that clients make (`customData.…`, `signal.…`). */
export const propertyFunctions: RemoteFunctions = {
  ...typed,
  'sim.getProperty': getter(),
  'sim.setProperty': setter(),
  'sim.removeProperty': (args, context) => {
    const name = args.text(1);
    const carrier = carrierOf(args, context);
    if (!customName.test(name) || !context.stores.delete(carrier, name)) throw noSuchProperty(name);
    context.stores.delete(carrier, typeKey(name));
    return [];
  },
  /** Type, flags and label. */
  'sim.getPropertyInfo': async (args, context) => {
    const found = await find(args, context);
    if (!found) return [];
    const property = builtIn(args, context).get(args.text(1));
    const flags = property ? (property.set ? 0 : notWritable) : removable;
    return [propertyTypes[found.type].number, flags, ''];
  },
  /** All that an object, the scene or the program has of its own, by name. */
  'sim.getProperties': async (args, context) => {
    const entries = [...builtIn(args, context)].map(
      async ([name, { type, get }]) => [name, propertyTypes[type].answer(await get())] as const,
    );
    return [Object.fromEntries(await Promise.all(entries))];
  },
};
