import { DemonstrationFileError } from '../../errors.ts';

/** Numbers JSON has no word for are written as texts. */
const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** A number so that it is read back with the same bits, −0 and the words above included. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  // Python would read -0 as the integer 0.
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The shortest decimal that is read back as the same float32: six to nine digits are enough. */
export function floatText(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return doubleText(value);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** `[1,0.5,-0.0]` */
export function rowText(row: Float32Array): string {
  let text = '[';
  for (let i = 0; i < row.length; i++) text += `${i > 0 ? ',' : ''}${floatText(row[i] as number)}`;
  return `${text}]`;
}

/** Reads one number. Throws DemonstrationFileError naming it. */
export function readNumber(value: unknown, what: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && Object.hasOwn(WORDS, value)) return WORDS[value] as number;
  throw new DemonstrationFileError(`${what} is not a number`);
}
