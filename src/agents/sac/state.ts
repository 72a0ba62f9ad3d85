import { UsageError } from '../../common/errors.ts';
import type { StateDict, StateValue } from '../../common/state-dict.ts';
import type { ParameterGroup } from '../../engine/index.ts';

/** The groups' flat vectors by name. */
export async function readGroups(groups: Readonly<Record<string, ParameterGroup>>): Promise<StateDict> {
  const entries = Object.entries(groups).map(async ([name, group]) => [name, await group.read()] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Writes all groups, or none: throws UsageError where a vector is missing or of another size. */
export async function writeGroups(
  groups: Readonly<Record<string, ParameterGroup>>,
  state: StateValue | undefined,
): Promise<void> {
  const saved = (state ?? {}) as Readonly<Record<string, unknown>>; // Checked entry by entry.
  const pairs = Object.entries(groups).map(([name, group]) => {
    const values = saved[name];
    if (!(values instanceof Float32Array) || values.length !== group.size)
      throw new UsageError(
        `Restoring a policy: its ${name} should be ${group.size} numbers, but the state has ` +
          `${values instanceof Float32Array ? values.length : 'none'}. It was saved with other network sizes or another task.`,
      );
    return { group, values };
  });
  for (const { group, values } of pairs) await group.write(values);
}

/** A count of updates. Throws UsageError where it is none. */
export function readCount(state: StateValue | undefined): number {
  if (Number.isInteger(state) && (state as number) >= 0) return state as number;
  throw new UsageError('Restoring a policy: the state does not say how many updates it made. It is damaged.');
}
