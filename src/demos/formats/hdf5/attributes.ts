import type { Group } from 'h5wasm/node';
import { DemonstrationFileError } from '../../errors.ts';

/** No text of ours is longer. */
const MAX_TEXT = 16 << 20;

/** A text attribute; null if there is none. */
export function readText(group: Group, name: string): string | null {
  const attribute = group.attrs[name];
  if (attribute === undefined) return null;
  const { size } = attribute.metadata;
  if (size > MAX_TEXT) throw new DemonstrationFileError(`its attribute "${name}" has ${size} bytes`);
  const { value } = attribute;
  if (typeof value !== 'string' || value.length > MAX_TEXT)
    throw new DemonstrationFileError(`its attribute "${name}" is no text`);
  return value;
}
