import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { MetricsRecord } from './metrics.ts';
import { MetricsTail } from './metrics-tail.ts';
import { listRuns, RunDirectory } from './run-directory.ts';
import { readRunConfig } from './run-files.ts';

/** One run, for a list of runs. */
export interface RunOverview {
  readonly name: string;
  readonly env: string;
  readonly algorithm: string;
  readonly seed: number;
  /** Whether it has ended. */
  readonly finished: boolean;
}

/** Values over environment steps. */
export interface RunSeries {
  readonly steps: number[];
  readonly values: number[];
}

/** What was added to a run's metrics. */
export interface RunUpdate {
  /** Whether what was given before is void: the run went back to a checkpoint. */
  readonly reset: boolean;
  /** By panel and what is shown there: `Success rate/evaluation`. */
  readonly series: Readonly<Record<string, RunSeries>>;
}

/** Reads runs while they grow, for whoever shows them. */
export class RunFeed {
  private readonly directories = new Map<string, string>();
  /** What was read of each run once, and does not change. */
  private readonly described = new Map<string, Omit<RunOverview, 'finished'>>();
  /** Shared by all who follow a run. */
  private readonly tails = new Map<string, MetricsTail>();
  private readonly folders: readonly string[];

  /** @param paths folders of runs, or runs themselves; what is not there yet may come. */
  constructor(paths: readonly string[]) {
    const isRun = (path: string) => existsSync(resolve(path, 'config.json'));
    this.folders = paths.filter(path => !isRun(path));
    for (const path of paths.filter(isRun)) this.directories.set(basename(resolve(path)), resolve(path));
  }

  /** All runs, the one started or continued last at the end; those that cannot be read are left out. */
  list(): RunOverview[] {
    for (const folder of this.folders)
      for (const name of listRuns(folder))
        if (!this.directories.has(name)) this.directories.set(name, resolve(folder, name));
    return [...this.directories].flatMap(([name, path]) => {
      try {
        const run = RunDirectory.open(dirname(path), path);
        const known = this.described.get(name) ?? describe(name, run);
        this.described.set(name, known);
        return [{ ...known, finished: existsSync(run.summaryPath) }];
      } catch {
        return [];
      }
    });
  }

  /** Follows one run: each call of the result gives what is new since the last, null where nothing is. */
  follow(name: string): () => RunUpdate | null {
    let generation = -1;
    let taken = 0;
    return () => {
      const path = this.directories.get(name);
      if (path === undefined) return null;
      const tail = this.tails.get(name) ?? new MetricsTail(resolve(path, 'metrics.jsonl'));
      this.tails.set(name, tail);
      tail.look();
      const reset = tail.generation !== generation;
      if (!reset && tail.records.length === taken) return null;
      const from = reset ? 0 : taken;
      generation = tail.generation;
      taken = tail.records.length;
      // The record before tells the speed of the first new one.
      return { reset, series: seriesOf(tail.records.slice(from), tail.records.slice(0, from)) };
    };
  }
}

function describe(name: string, run: RunDirectory): Omit<RunOverview, 'finished'> {
  const { env, algorithm, seed } = readRunConfig(run);
  return { name, env, algorithm, seed };
}

/** Records as curves. */
function seriesOf(records: readonly MetricsRecord[], before: readonly MetricsRecord[]): Record<string, RunSeries> {
  const series: Record<string, RunSeries> = {};
  const add = (name: string, step: number, value: number | null | undefined) => {
    if (value === null || value === undefined) return;
    series[name] ??= { steps: [], values: [] };
    series[name].steps.push(step);
    series[name].values.push(value);
  };
  let previous = before.findLast(record => record.type === 'train');
  for (const record of records) {
    const { envSteps } = record;
    const evaluation = record.type === 'evaluation';
    if (evaluation && record.purpose !== 'periodic') continue;
    const who = evaluation ? 'evaluation' : 'training';
    add(`Success rate/${who}`, envSteps, record.successRate);
    add(`Return/${who}`, envSteps, record.meanReturn);
    add(`Episode length/${who}`, envSteps, record.meanLength);
    if (record.type !== 'train') continue;
    for (const [name, value] of Object.entries(record.learner)) add(panelOf(name), envSteps, value);
    const seconds = record.seconds - (previous?.seconds ?? 0);
    if (seconds > 0) {
      add('Speed/environment steps a second', envSteps, (envSteps - (previous?.envSteps ?? 0)) / seconds);
      add('Speed/updates a second', envSteps, (record.updates - (previous?.updates ?? 0)) / seconds);
    }
    previous = record;
  }
  return series;
}

/** `criticLoss` → `Losses/critic loss`; a metric that is no loss has a panel of its own. */
function panelOf(name: string): string {
  const words = name
    .replace(/[._/]/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return /loss/.test(words) ? `Losses/${words}` : words.charAt(0).toUpperCase() + words.slice(1);
}
