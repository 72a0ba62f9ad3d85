import { UsageError } from '../common/errors.ts';
import { type Box, type Env, envSpec, SawyerEnv, type Space, unwrapped } from '../envs/index.ts';
import type { EnvironmentDescription } from './metadata.ts';

/** How an environment was made: what `makeEnv` was given. */
export interface EnvironmentOrigin {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly simulator: string;
}

/** What demonstrations in this environment are of. Throws UsageError where its spaces are not boxes. */
export function describeEnv(env: Env, { id, options, simulator }: EnvironmentOrigin): EnvironmentDescription {
  const observations = asBox(env.observationSpace, id);
  const actions = asBox(env.actionSpace, id);
  const inner = unwrapped(env);
  const own = asBox(inner.actionSpace, id);
  const sawyer = inner instanceof SawyerEnv ? inner : null;
  // −1 … 1 is also what an environment's own actions may be; then one stands for the other as it is.
  const normalized = [...actions.low].every(low => low === -1) && [...actions.high].every(high => high === 1);
  const bounded = own.low.length === actions.low.length && [...own.low, ...own.high].every(Number.isFinite);
  // Of an environment that is not ours only the name is known, unless it says that it has none.
  const simulatorOfSpec = envSpec(id).usesSimulator === false ? null : { name: simulator, version: null };
  return {
    environment: { id, options: envSpec(id).completeOptions?.(options) ?? options },
    simulator:
      sawyer === null ? simulatorOfSpec : { name: sawyer.simulator.name, version: sawyer.simulator.version ?? null },
    controlMode: sawyer?.controlMode ?? null,
    controlPeriod: sawyer?.simulator.controlPeriod ?? null,
    observation: { size: observations.low.length, quantities: sawyer?.observationQuantities ?? null },
    action: {
      size: actions.low.length,
      normalized,
      low: bounded ? [...own.low] : null,
      high: bounded ? [...own.high] : null,
      quantities: sawyer?.actionQuantities ?? null,
    },
  };
}

function asBox(space: Space, id: string): Box {
  if (space.kind === 'box') return space;
  throw new UsageError(`Demonstrations need boxes as observation and action space, but ${id} has a ${space.kind} one.`);
}
