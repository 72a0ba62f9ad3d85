import type { Policy } from '../agents/policy.ts';

/** A policy that plays single episodes, step by step, with its mode. */
export interface PolicyPilot {
  /** Forgets the last episode. */
  reset(): void;
  /** A normalized action, `[action]`; belongs to the caller. */
  act(observation: Float32Array): Promise<Float32Array>;
  /** What the policy thinks of a step. */
  inspect(
    observation: Float32Array,
    action: Float32Array,
  ): Promise<{ readonly value: number | null; readonly deviation: readonly number[] | null }>;
}

/** Lets a policy play one step at a time, with the memory it has. */
export function pilotOf(policy: Policy): PolicyPilot {
  let stateBatches = policy.initialState();
  let previousActionBatch = new Float32Array(policy.actionSize);
  return {
    reset() {
      stateBatches = policy.initialState();
      previousActionBatch = new Float32Array(policy.actionSize);
    },
    async act(observation) {
      const result = await policy.computeActions(observation, 1, {
        deterministic: true,
        stateBatches,
        previousActionBatch,
      });
      // The policy's memory for what it returns is reused by its next call.
      stateBatches = result.stateBatches.map(state => state.slice());
      previousActionBatch = result.actions.slice();
      return previousActionBatch.slice();
    },
    inspect: async (observation, action) =>
      (await policy.inspect?.(observation, action)) ?? { value: null, deviation: null },
  };
}
