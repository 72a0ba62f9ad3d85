import type { Box, Space } from '../../envs/index.ts';
import { type Column, MessageRefused } from '../bus/index.ts';

/** What one number may be, bounds included. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly integer?: boolean;
}

/** A column of experience with its ranges: one for all its numbers, or one for each number of a row. */
export interface RangedColumn extends Column {
  readonly ranges: readonly Range[];
}

/** Spaces of the environment as the policy sees it. */
export interface Spaces {
  readonly observationSpace: Box;
  readonly actionSpace: Space;
}

/**
 * Absolute bounds of what a worker may send. They are far above what environments and policies produce, and far below
 * what makes the float32 numbers of an update overflow. docs/workers.md lists them.
 */
export const BOUNDS = {
  /** Observations without bounds of their own, of m, rad, m/s … */
  observation: 1e6,
  /** Rewards, and discounted sums of n of them. */
  reward: 1e6,
  /** Sums of rewards over an episode: values, returns, advantages. */
  value: 1e8,
  /** Actions of a stochastic policy before they are clipped to [-1, 1]. */
  policyAction: 1e3,
  /** Logarithms of probabilities and densities. */
  logProbability: 1e3,
  /** Everything else: recurrent states, and what a custom policy adds. */
  other: 1e9,
} as const;

/** How far actions may leave [-1, 1], and observations their bounds, in relation to these. */
const TOLERANCE = 1e-3;

/** Rounded as the numbers that are compared with it are. */
const within = (bound: number): readonly Range[] => [{ low: -Math.fround(bound), high: Math.fround(bound) }];
const FLAG: readonly Range[] = [{ low: 0, high: 1, integer: true }];

/** The columns of off-policy transitions with their ranges. */
export function rangedTransitions(layout: readonly Column[], spaces: Spaces): RangedColumn[] {
  const observations = observationRanges(spaces.observationSpace);
  return withRanges(layout, {
    observations,
    nextObservations: observations,
    actions: within(1 + TOLERANCE),
    rewards: within(BOUNDS.reward),
    discounts: [{ low: 0, high: 1 }],
  });
}

/** The columns of on-policy rollouts with their ranges. */
export function rangedRollouts(layout: readonly Column[], spaces: Spaces): RangedColumn[] {
  const { actionSpace } = spaces;
  const actions: readonly Range[] =
    actionSpace.kind === 'discrete'
      ? [{ low: 0, high: actionSpace.n - 1, integer: true }]
      : within(BOUNDS.policyAction);
  return withRanges(layout, {
    observations: observationRanges(spaces.observationSpace),
    actions,
    previousActions: actions,
    rewards: within(BOUNDS.reward),
    previousRewards: within(BOUNDS.reward),
    terminated: FLAG,
    truncated: FLAG,
    trajectoryStarts: FLAG,
    actionLogProbabilities: within(BOUNDS.logProbability),
    valuePredictions: within(BOUNDS.value),
    advantages: within(BOUNDS.value),
    returns: within(BOUNDS.value),
  });
}

/** Throws MessageRefused naming the first number of the columns that is outside its range, or no number. */
export function checkRanges(columns: Readonly<Record<string, Float32Array>>, layout: readonly RangedColumn[]): void {
  for (const { name, width, ranges } of layout) {
    const numbers = columns[name] as Float32Array; // There is one for each column of the layout.
    const [first] = ranges;
    const outside =
      ranges.length === 1 && first !== undefined ? findOutside(numbers, first) : findOutsideEach(numbers, ranges);
    if (outside < 0) continue;
    const { low, high, integer = false } = (ranges[outside % ranges.length] ?? first) as Range; // A column has one.
    throw new MessageRefused(
      'out of range',
      `number ${outside % width} of "${name}" in row ${Math.floor(outside / width)} is ${numbers[outside]}, ` +
        `not ${integer ? 'an integer' : 'a number'} between ${low} and ${high}.`,
    );
  }
}

function withRanges(layout: readonly Column[], ranges: Readonly<Record<string, readonly Range[]>>): RangedColumn[] {
  return layout.map(column => ({ ...column, ranges: ranges[column.name] ?? within(BOUNDS.other) }));
}

/** A space's own bounds, and the general one where it has none that means something. */
function observationRanges({ low, high }: Box): readonly Range[] {
  const bound = (value: number, sign: 1 | -1) =>
    Math.abs(value) <= BOUNDS.other
      ? Math.fround(value + sign * TOLERANCE * Math.max(1, Math.abs(value)))
      : sign * BOUNDS.observation;
  const ranges = Array.from(low, (lowest, i) => ({ low: bound(lowest, -1), high: bound(high[i] as number, 1) }));
  const [first] = ranges;
  const alike = first !== undefined && ranges.every(range => range.low === first.low && range.high === first.high);
  // One range is checked faster.
  return alike ? [first] : ranges;
}

/** Index of the first number outside; -1 if there is none. Comparisons with NaN are false. */
function findOutside(numbers: Float32Array, { low, high, integer = false }: Range): number {
  for (let i = 0; i < numbers.length; i++) {
    const x = numbers[i] as number;
    if (!(x >= low && x <= high) || (integer && !Number.isInteger(x))) return i;
  }
  return -1;
}

function findOutsideEach(numbers: Float32Array, ranges: readonly Range[]): number {
  for (let i = 0; i < numbers.length; i += ranges.length)
    for (let j = 0; j < ranges.length; j++) {
      const { low, high } = ranges[j] as Range;
      const x = numbers[i + j] as number;
      if (!(x >= low && x <= high)) return i + j;
    }
  return -1;
}
