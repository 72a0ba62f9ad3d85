import type { SampleBatch, Trajectory } from '../agents/policy.ts';
import { UsageError } from '../common/errors.ts';
import type { StateDict, StateValue } from '../common/state-dict.ts';
import { asArrays, asBoolean, asNumber, asState, isState } from './state.ts';

/** Trajectories one after the other. Throws UsageError where their columns differ. */
export function concatenate(trajectories: readonly Trajectory[]): SampleBatch {
  const [first] = trajectories;
  const size = trajectories.reduce((sum, trajectory) => sum + trajectory.size, 0);
  const columns: Record<string, Float32Array> = {};
  for (const [name, values] of Object.entries(first?.columns ?? {})) {
    const width = values.length / (first?.size ?? 1);
    const column = new Float32Array(size * width);
    let offset = 0;
    for (const trajectory of trajectories) {
      const part = trajectory.columns[name];
      if (part?.length !== trajectory.size * width)
        throw new UsageError(
          `Joining trajectories: the column "${name}" has ${width} numbers a step in one and ` +
            `${part === undefined ? 'is missing' : `${part.length} for ${trajectory.size} steps`} in another. ` +
            'A policy must give the same columns for each step.',
        );
      column.set(part, offset);
      offset += part.length;
    }
    columns[name] = column;
  }
  return { size, columns, lengths: trajectories.map(trajectory => trajectory.size) };
}

export function trajectoryToState(trajectory: Trajectory): StateDict {
  const { size, columns, nextObservation, nextStates, terminated, truncated } = trajectory;
  return { size, columns: { ...columns }, nextObservation, nextStates, terminated, truncated };
}

/** Throws CheckpointDamagedError where the state is no trajectory's. */
export function trajectoryFromState(value: StateValue): Trajectory {
  const state = isState(value) ? value : {};
  const names = Object.keys(asState(state, 'columns'));
  const values = asArrays(Object.values(asState(state, 'columns')));
  return {
    size: asNumber(state, 'size'),
    columns: Object.fromEntries(names.map((name, i) => [name, values[i] as Float32Array])),
    nextObservation: asArrays([state.nextObservation ?? null])[0] as Float32Array, // One for one.
    nextStates: asArrays(state.nextStates),
    terminated: asBoolean(state, 'terminated'),
    truncated: asBoolean(state, 'truncated'),
  };
}
