import { isRecord } from '../../../common/is-record.ts';
import { DemonstrationFileError, shown } from '../../errors.ts';

/** What stands for a bare NaN or Infinity while it is looked for: no file has this text. */
const BARE = '\0bare ';

/** What the text of a number beyond the largest double has, and few others. */
const LARGE = /[eE]\+?\d{3}|\d{200}/;

/**
 * Parses a JSON text. Throws DemonstrationFileError for what is not JSON, NaN and Infinity as Python writes them, numbers
 * beyond the largest one, and objects that have a key twice, naming the place.
 *
 * @param position where the text ends in the file, bytes.
 */
export function parseText(text: string, position?: number): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    refuseBareNumbers(text);
    const reason = error instanceof Error ? shown(error.message, 120) : 'unknown';
    throw new DemonstrationFileError(
      `it is not JSON${position === undefined ? '' : ` before byte ${position}`}: ${reason}`,
    );
  }
  const twice = duplicateKey(text);
  if (twice !== null) throw new DemonstrationFileError(`it has the key "${shown(twice, 60)}" twice in one object`);
  const large = LARGE.test(text) ? placeOf(value, item => item === Infinity || item === -Infinity) : null;
  if (large !== null) throw new DemonstrationFileError(`${large} is beyond the largest number, 1.8e308`);
  return value;
}

/** Throws DemonstrationFileError if the text is JSON but for the words that Python's json writes for such numbers. */
function refuseBareNumbers(text: string): void {
  let quoted = '';
  let at = 0;
  const quote = (part: string) => part.replace(/-?\b(?:NaN|Infinity)\b/g, word => JSON.stringify(BARE + word));
  for (let start = text.indexOf('"'); start >= 0; start = text.indexOf('"', at)) {
    const end = endOfString(text, start + 1);
    quoted += quote(text.slice(at, start)) + text.slice(start, end);
    at = end;
  }
  quoted += quote(text.slice(at));
  let value: unknown;
  try {
    value = JSON.parse(quoted);
  } catch {
    return;
  }
  let word = '';
  const place = placeOf(value, item => {
    if (typeof item !== 'string' || !item.startsWith(BARE)) return false;
    word = item.slice(BARE.length);
    return true;
  });
  if (place !== null)
    throw new DemonstrationFileError(
      `${place} is ${word}, which JSON does not have though Python's json module writes it: leave such steps out`,
    );
}

/** The first key that is twice in an object of a valid JSON text; null if none is. */
function duplicateKey(text: string): string | null {
  const structure = /["{}]/g;
  const open: Set<string>[] = [];
  for (let match = structure.exec(text); match !== null; match = structure.exec(text)) {
    if (match[0] === '{') open.push(new Set());
    else if (match[0] === '}') open.pop();
    else {
      const end = endOfString(text, structure.lastIndex);
      structure.lastIndex = end;
      if (!isKey(text, end)) continue;
      const key = String(JSON.parse(text.slice(match.index, end)));
      if (open.at(-1)?.has(key) === true) return key;
      open.at(-1)?.add(key);
    }
  }
  return null;
}

/** Behind the quote that ends a string; the text's end if none does. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (quote - slashes > start && text[quote - slashes - 1] === '\\') slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return text[at] === ':';
}

/** Where in a value the first item of a kind is, such as `rewards[3]`; null if none is. */
function placeOf(value: unknown, is: (item: unknown) => boolean): string | null {
  if (is(value)) return 'it';
  const items: Iterable<readonly [string, unknown]> = Array.isArray(value)
    ? value.map((item, i) => [`[${i}]`, item] as const)
    : isRecord(value)
      ? Object.entries(value).map(([key, item]) => [`.${shown(key, 40)}`, item] as const)
      : [];
  for (const [name, item] of items) {
    const place = placeOf(item, is);
    if (place !== null)
      return `${name}${place === 'it' ? '' : `${place.startsWith('[') ? '' : '.'}${place}`}`.replace(/^\./, '');
  }
  return null;
}
