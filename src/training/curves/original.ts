import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Point, Series } from './panel.ts';

const FILE = fileURLToPath(new URL('../../../data/original-returns.csv', import.meta.url));
/** Steps of an episode at most: the original's logs count episodes, and nearly all of them run that long. */
const EPISODE_STEPS = 30;
/** Episodes of a mean. */
const WINDOW = 100;
const GREYS = { augmented: '#374151', dense: '#6b7280', sparse: '#9ca3af' } as const;

/** The original's rewards, in the order they are shown. */
export type OriginalReward = keyof typeof GREYS;

/** Returns of the original's 2,000 training episodes, by its reward. Source: see the head of the file. */
export function readOriginalReturns(): Record<OriginalReward, number[]> {
  const [header = '', ...rows] = readFileSync(FILE, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'));
  const names = header.split(',');
  const column = (name: OriginalReward) => rows.map(row => Number(row.split(',')[names.indexOf(name)]));
  return { augmented: column('augmented'), dense: column('dense'), sparse: column('sparse') };
}

/** Environment steps that the original's trainings took at most. */
export const ORIGINAL_STEPS = 2000 * EPISODE_STEPS;

/**
 * The original's curves: means over 100 episodes.
 *
 * @param value of one episode's return; its sign stands for success, as only a grasp outweighs the distance's cost.
 */
export function originalSeries(value: (episodeReturn: number) => number): Series[] {
  return Object.entries(readOriginalReturns()).map(([reward, returns]) => ({
    label: `original, ${reward}`,
    color: GREYS[reward as OriginalReward], // The keys of what was just read.
    style: 'dashed',
    points: movingMean(returns.map(value)),
  }));
}

function movingMean(values: readonly number[]): Point[] {
  const points: Point[] = [];
  let sum = 0;
  for (const [i, value] of values.entries()) {
    sum += value - (i >= WINDOW ? (values[i - WINDOW] as number) : 0);
    // Means of fewer would begin with noise.
    if (i + 1 >= WINDOW && (i + 1) % 10 === 0) points.push([(i + 1) * EPISODE_STEPS, sum / WINDOW]);
  }
  return points;
}
