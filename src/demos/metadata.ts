import * as z from 'zod';
import { DemonstrationFileError, shown } from './errors.ts';

const size = z.int().min(1).max(65_536);
const numbers = z.array(z.number()).max(65_536);
const quantity = z.object({ name: z.string(), unit: z.string() });
const record = z.record(z.string(), z.unknown());

const schema = z.object({
  environment: z.object({ id: z.string().max(200), options: record }),
  simulator: z.object({ name: z.string().max(200), version: z.string().max(200).nullable() }).nullable(),
  controlMode: z.string().max(200).nullable(),
  controlPeriod: z.number().nullable(),
  observation: z.object({ size, quantities: z.array(quantity).max(65_536).nullable() }),
  action: z.object({
    size,
    normalized: z.boolean(),
    low: numbers.nullable(),
    high: numbers.nullable(),
    quantities: z.array(quantity).max(65_536).nullable(),
  }),
  policy: z.object({ name: z.string().max(1000), noise: z.number() }),
  seed: z.number().nullable(),
  onlySuccessful: z.boolean(),
  software: z.object({ name: z.string().max(200), version: z.string().max(200) }),
});

/** What the numbers of an observation or an action mean. */
export interface QuantityDescription {
  readonly name: string;
  readonly unit: string;
}

/** What an environment takes and gives, as far as demonstrations must agree with it. */
export interface EnvironmentDescription {
  readonly environment: {
    /** The id in the registry. */
    readonly id: string;
    /** Complete. */
    readonly options: Readonly<Record<string, unknown>>;
  };
  /** Null for an environment without one. */
  readonly simulator: { readonly name: string; readonly version: string | null } | null;
  /** What an action does: `joint_velocity` …; null for an environment that does not say. */
  readonly controlMode: string | null;
  /** What one step of the simulator advances, s. */
  readonly controlPeriod: number | null;
  readonly observation: { readonly size: number; readonly quantities: readonly QuantityDescription[] | null };
  readonly action: {
    readonly size: number;
    /** Whether −1 … 1 stands for `low` … `high`. */
    readonly normalized: boolean;
    /** The bounds in the environment's own units, those of `quantities`. */
    readonly low: readonly number[] | null;
    readonly high: readonly number[] | null;
    readonly quantities: readonly QuantityDescription[] | null;
  };
}

/** All that a demonstration file says beside its episodes. */
export interface DemonstrationMetadata extends EnvironmentDescription {
  readonly policy: {
    /** `expert`, `random`, or the checkpoint's path. */
    readonly name: string;
    /** Standard deviation of the normal noise on its actions, as a share of half their range. */
    readonly noise: number;
  };
  /** The seed that the episodes' own were drawn from. */
  readonly seed: number | null;
  /** Whether episodes without success were left out. */
  readonly onlySuccessful: boolean;
  /** What recorded it. */
  readonly software: { readonly name: string; readonly version: string };
}

/** Checks metadata that was read from a file. Throws DemonstrationFileError saying what is wrong. */
export function parseMetadata(value: unknown): DemonstrationMetadata {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'it' : `"${shown(issue.path.join('.'))}"`;
  throw new DemonstrationFileError(`its metadata is malformed: ${where}: ${shown(issue?.message ?? 'unknown', 200)}`);
}
