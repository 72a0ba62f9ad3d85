import type { OnPolicy, SampleBatch, Trajectory } from '../../agents/index.ts';
import { joinFloats } from '../../common/join-floats.ts';
import type { Column } from '../bus/index.ts';
import { concatenate } from '../trajectories.ts';

/** 1 in the row that begins a trajectory: what a batch keeps apart, in a column like the others. */
export const STARTS = 'trajectoryStarts';

/** Rows of a rollout as columns in the bus's order. */
export function columnsOf(trajectories: readonly Trajectory[]): SampleBatch {
  const batch = concatenate(trajectories);
  const starts = new Float32Array(batch.size);
  let row = 0;
  for (const length of batch.lengths) {
    starts[row] = 1;
    row += length;
  }
  const columns = Object.entries({ ...batch.columns, [STARTS]: starts }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...batch, columns: Object.fromEntries(columns) };
}

/** Rollouts that came over the bus as one batch. */
export function batchOf(
  parts: readonly { readonly rows: number; readonly columns: SampleBatch['columns'] }[],
): SampleBatch {
  const size = parts.reduce((sum, part) => sum + part.rows, 0);
  const columns: Record<string, Float32Array> = {};
  for (const name of Object.keys(parts[0]?.columns ?? {}))
    columns[name] = joinFloats(parts.map(part => part.columns[name] ?? new Float32Array()));
  const { [STARTS]: starts = new Float32Array(), ...rest } = columns;
  const lengths: number[] = [];
  for (const start of starts) {
    // Whatever the marks say, the lengths add up to the rows.
    if (start === 1 || lengths.length === 0) lengths.push(1);
    else lengths[lengths.length - 1] = (lengths.at(-1) as number) + 1;
  }
  return { size, columns: rest, lengths };
}

/** The columns of a policy's rollouts, found out by one made-up step; its generator is not touched. */
export async function rolloutLayout(policy: OnPolicy): Promise<Column[]> {
  const { observationSize, actionSize } = policy;
  const states = policy.initialState();
  const observation = new Float32Array(observationSize);
  const options = {
    deterministic: true,
    stateBatches: states,
    previousActionBatch: new Float32Array(actionSize),
    previousRewardBatch: new Float32Array(1),
    infoBatch: [{}],
    episodes: [{ id: 0, length: 0, return: 0 }],
  };
  const { action, states: after, extra } = await policy.computeSingleAction(observation, options);
  const single = () => new Float32Array(1);
  const trajectory = await policy.postprocessTrajectory({
    size: 1,
    columns: {
      observations: observation,
      actions: action,
      rewards: single(),
      terminated: Float32Array.of(1),
      truncated: single(),
      previousActions: new Float32Array(actionSize),
      previousRewards: single(),
      ...Object.fromEntries(states.map((state, i) => [`state_in_${i}`, state])),
      ...Object.fromEntries(after.map((state, i) => [`state_out_${i}`, state])),
      ...extra,
    },
    nextObservation: observation,
    nextStates: after,
    terminated: true,
    truncated: false,
  });
  const { columns } = columnsOf([trajectory]);
  return Object.entries(columns).map(([name, { length }]) => ({ name, width: length }));
}
