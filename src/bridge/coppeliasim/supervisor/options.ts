import * as z from 'zod';
import { parseOptions } from '../../../common/options.ts';

const seconds = z.number().positive().max(3600);

const schema = z.strictObject({
  /** The installation's folder, its macOS bundle, or the program itself; looked for where it is not given. */
  coppeliaSim: z.string().min(1).optional(),
  /** The first port tried; others are tried from there on, two apart. */
  port: z.number().int().min(1).max(65_534).default(23_000),
  /** Whether another port may be taken where that one is not free. */
  otherPorts: z.boolean().default(true),
  /** Shows CoppeliaSim's window; headless otherwise. */
  gui: z.boolean().default(false),
  /** A scene file (.ttt) to load after each start. */
  scene: z.string().min(1).optional(),
  /** Further arguments for CoppeliaSim. */
  args: z.array(z.string()).default([]),
  /** Where what it prints is written, 4 MB at most (and the 4 MB before); nowhere by default. */
  log: z.string().min(1).optional(),
  /** How long a start may take until the remote API answers, s. */
  startTimeout: seconds.default(90),
  /** How long loading the scene may take, s. */
  loadTimeout: seconds.default(120),
  /** Seconds between two signs of life, asked for while nobody holds the simulator; 0 asks for none. */
  heartbeatInterval: z.number().min(0).max(3600).default(5),
  /** How long such a sign may take, s. A simulator that loads or computes answers nothing meanwhile. */
  heartbeatTimeout: seconds.default(20),
  /** How often in a row it is started again before the supervisor gives up. */
  maxRestarts: z.number().int().min(0).max(1000).default(5),
  /** Wait before the first start again, s; doubled for each one after it. */
  backOff: z.number().min(0).max(600).default(0.5),
  /** The longest wait, s. */
  maxBackOff: z.number().min(0).max(3600).default(15),
  /** After running this long, s, failures are counted from the start again. */
  stableAfter: seconds.default(60),
});

/** How an instance is started and watched; all have defaults, see `options.ts`. */
export type SupervisorOptions = z.input<typeof schema>;
export type SupervisorSettings = z.output<typeof schema>;

/** Checks options and fills in the defaults. Throws UsageError. */
export function supervisorSettings(options: SupervisorOptions): SupervisorSettings {
  return parseOptions(schema, options, 'the supervisor');
}

/** The wait before start number `failures` in a row, s; doubling, bounded, and without chance in it. */
export function backOff({ backOff: first, maxBackOff }: SupervisorSettings, failures: number): number {
  return Math.min(maxBackOff, first * 2 ** Math.min(failures - 1, 30));
}
