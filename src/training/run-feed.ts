import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { MetricsRecord, TrainRecord } from './metrics.ts';
import { MetricsTail } from './metrics-tail.ts';
import { listRuns, RunDirectory } from './run-directory.ts';
import { readRunConfig } from './run-files.ts';
import { isLocked } from './run-lock.ts';

/** Records of one update at most: a long run comes in several, each made in a few milliseconds. */
const MOST = 500;

/** One run, for a list of runs. */
export interface RunOverview {
  /** Its folder's, with the folder above where another run has that name. */
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
  private readonly names = new Map<string, string>();
  /** What was read of each run once, and does not change. */
  private readonly described = new Map<string, Omit<RunOverview, 'finished'>>();
  /** Shared by all who follow a run. */
  private readonly tails = new Map<string, MetricsTail>();
  private readonly folders: readonly string[];

  /** @param paths folders of runs, or runs themselves; what is not there yet may come. */
  constructor(paths: readonly string[]) {
    const isRun = (path: string) => existsSync(resolve(path, 'config.json'));
    this.folders = paths.filter(path => !isRun(path));
    for (const path of paths.filter(isRun)) this.add(resolve(path));
  }

  /** All runs, the one started or continued last at the end; those that cannot be read are left out. */
  list(): RunOverview[] {
    const found = this.folders.flatMap(folder => listRuns(folder).map(name => resolve(folder, name)));
    for (const path of found) this.add(path);
    return [...this.directories].flatMap(([name, path]) => {
      try {
        const run = RunDirectory.open(dirname(path), path);
        const known = this.described.get(name) ?? describe(name, run);
        this.described.set(name, known);
        return [{ ...known, finished: existsSync(run.summaryPath) || !isLocked(run.path) }];
      } catch {
        return [];
      }
    });
  }

  /**
   * Follows one run: each call of the result gives what is new since the last, or the first part of it, null where
   * nothing is. A call throws where the run cannot be read; the next one tries again.
   */
  follow(name: string): () => RunUpdate | null {
    let generation = -1;
    let taken = 0;
    let previous: TrainRecord | undefined;
    return () => {
      const path = this.directories.get(name);
      if (path === undefined) return null;
      const tail = this.tails.get(name) ?? new MetricsTail(resolve(path, 'metrics.jsonl'));
      this.tails.set(name, tail);
      tail.look();
      const reset = tail.generation !== generation;
      if (!reset && tail.records.length === taken) return null;
      if (reset) {
        generation = tail.generation;
        taken = 0;
        previous = undefined;
      }
      const added = tail.records.slice(taken, taken + MOST);
      taken += added.length;
      const series = seriesOf(added, previous);
      previous = added.findLast(record => record.type === 'train') ?? previous;
      return { reset, series };
    };
  }

  /** Takes a run in as the last one, by a name that no other one has. */
  private add(path: string): void {
    const names = [basename(path), join(basename(dirname(path)), basename(path))];
    const name = this.names.get(path) ?? names.find(name => !this.directories.has(name)) ?? path;
    this.names.set(path, name);
    this.directories.delete(name);
    this.directories.set(name, path);
  }
}

function describe(name: string, run: RunDirectory): Omit<RunOverview, 'finished'> {
  const { env, algorithm, seed } = readRunConfig(run);
  return { name, env, algorithm, seed };
}

/** Records as curves; the training's record before them tells the speed of the first. */
function seriesOf(records: readonly MetricsRecord[], before: TrainRecord | undefined): Record<string, RunSeries> {
  const series: Record<string, RunSeries> = {};
  // What a damaged line lacks is not drawn.
  const add = (name: string, step: unknown, value: unknown) => {
    if (typeof step !== 'number' || typeof value !== 'number') return;
    series[name] ??= { steps: [], values: [] };
    series[name].steps.push(step);
    series[name].values.push(value);
  };
  let previous = before;
  for (const record of records) {
    const { envSteps } = record;
    const evaluation = record.type === 'evaluation';
    if (evaluation && record.purpose !== 'periodic') continue;
    const who = evaluation ? 'evaluation' : 'training';
    add(`Success rate/${who}`, envSteps, record.successRate);
    add(`Return/${who}`, envSteps, record.meanReturn);
    add(`Episode length/${who}`, envSteps, record.meanLength);
    if (record.type !== 'train') continue;
    for (const [name, value] of Object.entries(record.learner ?? {})) add(panelOf(name), envSteps, value);
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
