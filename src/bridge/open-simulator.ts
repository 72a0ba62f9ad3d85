import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import { parseOptions } from '../common/options.ts';
import { createCoppeliaSimSimulator } from './coppeliasim/index.ts';
import { coppeliaSimOptions } from './coppeliasim/options.ts';
import { createMujocoSimulator, mujocoOptions } from './mujoco/create-simulator.ts';
import type { TargetOptions } from './mujoco/scene-file.ts';
import type { Simulator } from './simulator.ts';

interface SimulatorKind {
  /** Throws UsageError where an option is unknown or wrong. */
  check(options: unknown): void;
  /** @param options checked, with the block added. */
  open(options: Readonly<Record<string, unknown>>): Promise<Simulator>;
  /** Whether opening one costs so much that a program has only one of it. */
  readonly scarce: boolean;
}

const kinds: Readonly<Record<string, SimulatorKind>> = {
  mujoco: {
    check: options => parseOptions(mujocoOptions, options, 'the mujoco simulator'),
    open: createMujocoSimulator,
    scarce: false,
  },
  coppeliasim: {
    check: options => parseOptions(coppeliaSimOptions, options, 'the coppeliasim simulator'),
    open: createCoppeliaSimSimulator,
    scarce: true,
  },
};

/** Names that a simulator may have. */
export const simulatorNames: readonly string[] = Object.keys(kinds);

/** Throws UsageError where there is no such simulator, with the near match, or where its options are wrong. */
export function checkSimulatorOptions(name: string, options: unknown = {}): void {
  kindOf(name).check(options);
}

/** Whether a program should share one of these among all that use it in turn. */
export function isScarce(name: string): boolean {
  return kindOf(name).scarce;
}

/**
 * Opens a simulator by its name.
 *
 * @param options those of that simulator; `target` (size in m, mass in kg) is the block in its scene.
 * Throws UsageError for an unknown name or option, and what opening that simulator throws.
 */
export async function openSimulator(
  name: string,
  { target, ...options }: { readonly target?: TargetOptions; readonly [option: string]: unknown } = {},
): Promise<Simulator> {
  return kindOf(name).open(target === undefined ? options : { ...options, target });
}

function kindOf(name: string): SimulatorKind {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) throw new UsageError(`There is no simulator "${name}".${suggestion(name, simulatorNames)}`);
  return kind;
}
