import type { TrainConfig } from '../config.ts';
import type { EvaluationRecord, MetricsRecord, TrainRecord } from '../metrics.ts';
import { type Interval, meanInterval } from '../statistics.ts';
import type { Point } from './panel.ts';

/** What a picture needs of a run. */
export interface RunCurves {
  readonly name: string;
  readonly config: Pick<TrainConfig, 'env' | 'algorithm' | 'seed' | 'envOptions' | 'agentOptions' | 'simulator'>;
  readonly records: readonly MetricsRecord[];
  /** How many lines of its metrics are torn or incomplete, and not among the records; 0 by default. */
  readonly damagedLines?: number;
}

/** Runs that differ in nothing but their seed. */
export interface RunGroup {
  readonly label: string;
  readonly runs: readonly RunCurves[];
}

export function trainRecords(run: RunCurves): TrainRecord[] {
  return run.records.filter(record => record.type === 'train');
}

export function evaluationRecords(run: RunCurves, purpose: EvaluationRecord['purpose']): EvaluationRecord[] {
  return run.records.filter(record => record.type === 'evaluation').filter(record => record.purpose === purpose);
}

/** Puts runs together that differ in nothing but their seed, and names the groups by what tells them apart. */
export function groupRuns(runs: readonly RunCurves[]): RunGroup[] {
  const groups = new Map<string, RunCurves[]>();
  for (const run of runs) {
    const { env, algorithm, simulator, envOptions, agentOptions } = run.config;
    const key = JSON.stringify([env, algorithm, simulator, sorted(envOptions), sorted(agentOptions)]);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()].map((members, _, all) => ({ runs: members, label: labelOf(members, all) }));
}

function labelOf(members: readonly RunCurves[], all: readonly (readonly RunCurves[])[]): string {
  const described = (run: RunCurves): Record<string, unknown> => {
    const { env, algorithm, simulator, envOptions, agentOptions } = run.config;
    return { env, algorithm, simulator, ...envOptions, ...agentOptions };
  };
  const first = members[0] as RunCurves; // A group is made with its first run.
  const mine = described(first);
  const others = all.map(group => described(group[0] as RunCurves)); // As above.
  const differing = Object.keys(mine).filter(key =>
    others.some(other => JSON.stringify(other[key]) !== JSON.stringify(mine[key])),
  );
  const name = members.length === 1 && all.length > 1 ? ` (seed ${first.config.seed})` : '';
  if (differing.length === 0) return `${first.config.env}, ${first.config.algorithm}${name}`;
  const words = differing
    .slice(0, 3)
    .map(key => (key === 'env' || key === 'algorithm' ? mine[key] : `${key} ${mine[key]}`));
  return words.join(', ') + name;
}

function sorted(options: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Mean of several runs' curves with its 95 % interval, at up to `count` steps evenly apart.
 *
 * Between its points a curve is a straight line; after its last it keeps that value, so that runs that ended early,
 * because they were good enough, do not drop out of the mean.
 */
export function meanCurve(
  curves: readonly (readonly Point[])[],
  count = 60,
): { readonly points: Point[]; readonly band: Interval[] } {
  const filled = curves.filter(curve => curve.length > 0);
  const start = Math.max(...filled.map(curve => (curve[0] as Point)[0]));
  const end = Math.max(...filled.map(curve => (curve.at(-1) as Point)[0]));
  const points: Point[] = [];
  const band: Interval[] = [];
  for (let i = 0; filled.length > 0 && i < count; i++) {
    const x = start + ((end - start) * i) / (count - 1);
    const { mean, interval } = meanInterval(filled.map(curve => valueAt(curve, x)));
    points.push([x, mean]);
    band.push(interval);
  }
  return { points, band };
}

function valueAt(curve: readonly Point[], x: number): number {
  const after = curve.findIndex(point => point[0] >= x);
  if (after < 0) return (curve.at(-1) as Point)[1]; // Only curves with points come here.
  const [x1, y1] = curve[after] as Point;
  if (after === 0) return y1;
  const [x0, y0] = curve[after - 1] as Point;
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}
