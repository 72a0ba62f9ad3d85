import { Group } from 'h5wasm/node';
import { checkEpisodeSize, LIMITS } from '../../episode.ts';
import { DemonstrationFileError, shown } from '../../errors.ts';
import type { FoundKey } from '../observation-keys.ts';
import { findDataset, isNumeric, type Rows, readFloats, shapeOf, typeOf } from './arrays.ts';

/** Named observations of one step; no robot has more. */
const MAX_KEYS = 1000;
const MAX_DEPTH = 8;

/**
 * The names of the observations in `parent/name`, sorted: of a group, the paths of all datasets below it; of a dataset, its
 * own name.
 */
export function keyNames(parent: Group, name: string): readonly string[] {
  const found = parent.get(name);
  if (!(found instanceof Group)) {
    findDataset(parent, name);
    return [name];
  }
  const names: string[] = [];
  const visit = (group: Group, prefix: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw new DemonstrationFileError(`its ${name} has groups more than ${MAX_DEPTH} deep`);
    for (const key of group.keys()) {
      const child = group.get(key);
      if (child instanceof Group) visit(child, `${prefix}${key}/`, depth + 1);
      else names.push(`${prefix}${key}`);
      if (names.length > MAX_KEYS) throw new DemonstrationFileError(`its ${name} has more than ${MAX_KEYS} keys`);
    }
  };
  visit(found, '', 1);
  return names.sort();
}

/** The observations in `parent/name` with their shapes in one step. */
export function describeKeys(parent: Group, name: string): readonly FoundKey[] {
  return keyNames(parent, name).map(key => {
    const dataset = findDataset(parent, pathOf(parent, name, key));
    const type = typeOf(dataset);
    return { name: key, shape: shapeOf(dataset).slice(1), type, isNumeric: isNumeric(type) };
  });
}

/** Observations side by side in the order of their keys, or some rows of them. `[rows, sum of sizes]` */
export function readObservations(
  parent: Group,
  name: string,
  keys: readonly string[],
  length: number,
  rows?: Rows,
): Float32Array {
  const count = rows === undefined ? length : rows.to - rows.from;
  const paths = keys.map(key => pathOf(parent, name, key));
  const sizes = paths.map(path =>
    shapeOf(findDataset(parent, path))
      .slice(1)
      .reduce((product, n) => product * n, 1),
  );
  const size = sizes.reduce((sum, part) => sum + part, 0);
  if ((size < 1 && keys.length > 0) || size > LIMITS.size)
    throw new DemonstrationFileError(
      `its ${name} has ${size} numbers a step, and at most ${LIMITS.size} are read: choose fewer keys with --obs-keys`,
    );
  checkEpisodeSize(count, 4 * count * size);
  const [only] = paths;
  if (only !== undefined && paths.length === 1) return readFloats(parent, only, length, rows);
  const out = new Float32Array(count * size);
  let column = 0;
  for (const [i, path] of paths.entries()) {
    const width = sizes[i] as number; // One for each path.
    const part = readFloats(parent, path, length, rows);
    for (let row = 0; row < count; row++) out.set(part.subarray(row * width, (row + 1) * width), row * size + column);
    column += width;
  }
  return out;
}

/** A dataset of observations has its own name as its only key. */
function pathOf(parent: Group, name: string, key: string): string {
  if (parent.get(name) instanceof Group) return `${name}/${key}`;
  if (key !== name) throw new DemonstrationFileError(`its ${name} is a dataset and has no key "${shown(key, 60)}"`);
  return name;
}
