import type { Arguments } from '../arguments.ts';
import { CallError } from '../errors.ts';
import type { Stored } from '../stores.ts';
import { real, reals } from '../values.ts';

/** How values of one type of property travel. */
export interface PropertyType {
  /** CoppeliaSim's number for it (`sim.propertytype_…`). */
  readonly number: number;
  read(args: Arguments, index: number): Stored;
  /** The value as it is sent. */
  answer(value: Stored): unknown;
}

const asIs = (value: Stored): unknown => value;
const asReals = (value: Stored): unknown => reals(value as readonly number[]); // Only lists are stored as these types.

function vector(number: number, length: number): PropertyType {
  return {
    number,
    read: (args, index) => {
      const numbers = args.numbers(index);
      if (numbers.length !== length) throw new CallError('incorrect table size.');
      return numbers;
    },
    answer: asReals,
  };
}

const integers = (args: Arguments, index: number) => args.numbers(index).map(Math.trunc);

/** Types by the word in the names of their functions: `sim.getFloatProperty`. */
export const propertyTypes = {
  Bool: { number: 0, read: (args, index) => args.boolean(index), answer: asIs },
  Int: { number: 1, read: (args, index) => args.integer(index), answer: asIs },
  Float: { number: 2, read: (args, index) => args.number(index), answer: value => real(value as number) },
  String: { number: 3, read: (args, index) => args.text(index), answer: asIs },
  Buffer: { number: 4, read: (args, index) => args.bytes(index), answer: asIs },
  Vector3: vector(5, 3),
  Quaternion: vector(6, 4),
  Pose: vector(7, 7),
  Color: vector(10, 3),
  FloatArray: { number: 11, read: (args, index) => args.numbers(index), answer: asReals },
  IntArray: { number: 13, read: integers, answer: asIs },
  Vector2: vector(14, 2),
  IntArray2: { number: 15, read: integers, answer: asIs },
  Long: { number: 16, read: (args, index) => args.integer(index), answer: asIs },
} satisfies Readonly<Record<string, PropertyType>>;

export type PropertyTypeName = keyof typeof propertyTypes;

/** The type of a client's own value if none is given. */
export function typeOfValue(args: Arguments, index: number): PropertyTypeName {
  const value = args.raw(index);
  if (typeof value === 'boolean') return 'Bool';
  if (typeof value === 'string') return 'String';
  if (value instanceof Uint8Array) return 'Buffer';
  if (Array.isArray(value)) return 'FloatArray';
  return typeof value === 'number' && !Number.isInteger(value) ? 'Float' : 'Int';
}
