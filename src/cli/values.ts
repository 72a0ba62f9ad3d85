import { UsageError } from '../common/errors.ts';
import { nearMatch, suggestion } from '../common/near-match.ts';
import { readTextFile } from '../common/regular-file.ts';
import type { OptionSpec, OptionSpecs } from './command.ts';

/**
 * Checks what was given for each option against its spec. Throws UsageError naming the option, and the near match of an
 * unknown option or value.
 *
 * @param where says where it was given, for the error.
 */
export function checkValues(
  specs: OptionSpecs,
  given: Readonly<Record<string, unknown>>,
  where = 'on the command line',
): Record<string, unknown> {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) throw new UsageError(unknownOption(name, specs, where));
    if (value !== undefined) checked[name] = checkValue(name, spec, value);
  }
  return checked;
}

/** All names would be a long list, and --help has it. */
function unknownOption(name: string, specs: OptionSpecs, where: string): string {
  const near = nearMatch(name, Object.keys(specs));
  return `There is no option --${name} (${where}).${near === undefined ? '' : ` Did you mean --${near}?`} --help shows all.`;
}

function checkValue(name: string, spec: OptionSpec, value: unknown): unknown {
  if (spec.type === 'list') return (Array.isArray(value) ? value : [value]).map(item => checkScalar(name, spec, item));
  if (Array.isArray(value)) throw new UsageError(`--${name} was given ${value.length} times. Give it once.`);
  return checkScalar(name, spec, value);
}

function checkScalar(name: string, spec: OptionSpec, value: unknown): unknown {
  const { type, choices, bare } = spec;
  if (type === 'boolean') {
    if (typeof value !== 'boolean') throw new UsageError(`--${name} takes no value, but got "${value}".`);
    return value;
  }
  if (type === 'number') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value.replaceAll('_', '')) : value;
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw new UsageError(`--${name} needs a number, but got "${value}".`);
    if (!isInRange(spec, number)) throw new UsageError(`--${name} needs ${rangeOf(spec)}, but got ${number}.`);
    return number;
  }
  // In a file, `true` says what the option alone says on the command line.
  if (bare !== undefined && (value === '' || value === true)) return bare;
  if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} needs a value.`);
  if (choices !== undefined && !choices.includes(value))
    throw new UsageError(`--${name} cannot be "${value}".${suggestion(value, choices)}`);
  return value;
}

function isInRange({ least = -Infinity, most = Infinity, whole }: OptionSpec, number: number): boolean {
  return number >= least && number <= most && (whole !== true || Number.isSafeInteger(number));
}

/** `a whole number from 0 to 65535` */
function rangeOf({ least, most, whole }: OptionSpec): string {
  const bounds = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  return `a ${whole === true ? 'whole ' : ''}number ${bounds}`;
}

/**
 * Options from a JSON file, by the names they have on the command line (`runsDir` will do for `runs-dir`).
 *
 * Throws UsageError where the file cannot be read or holds what is no option.
 */
export function readConfigFile(specs: OptionSpecs, path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readTextFile(path));
  } catch (error) {
    throw new UsageError(`Reading --config ${path} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new UsageError(`Reading --config ${path} failed: it must be a JSON object with options by name.`);
  const kebab = (name: string) =>
    name.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a}-${b.toLowerCase()}`);
  const given = Object.fromEntries(
    Object.entries(content).map(([name, value]) => [kebab(name), asGiven(specs[kebab(name)], value)]),
  );
  return checkValues(specs, given, `in ${path}`);
}

/** A list of `key=value` may be an object in a file. */
function asGiven(spec: OptionSpec | undefined, value: unknown): unknown {
  if (spec?.type !== 'list' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value).map(([key, item]) => `${key}=${JSON.stringify(item)}`);
}

/** `key=value` pairs as an object; a value that is JSON is what it says, and any other is text. */
export function parsePairs(option: string, pairs: readonly string[] = []): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map(pair => {
      const sign = pair.indexOf('=');
      if (sign < 1) throw new UsageError(`--${option} needs key=value, but got "${pair}".`);
      return [pair.slice(0, sign), parseValue(pair.slice(sign + 1))];
    }),
  );
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
