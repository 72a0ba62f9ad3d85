import { copyFileSync, existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import { readCheckpoint } from './checkpoint.ts';
import { CheckpointStore, type DamagedCheckpoint, type WholeCheckpoint } from './checkpoint-store.ts';
import { CheckpointDamagedError, RunNotFoundError } from './errors.ts';
import type { RunDirectory } from './run-directory.ts';
import { readRunSummary } from './run-files.ts';
import { checkBelongs, type RunIdentity } from './run-identity.ts';

/** Where a run is resumed. */
export interface ResumePoint {
  /** The checkpoint; null to start over at step 0, since none was written yet. */
  readonly from: WholeCheckpoint | null;
  /** Renames and copies what would be overwritten. Returns what was done, for the user. */
  setAside(): readonly string[];
}

/** What `--checkpoint` may be: `best`, `last`, a number of environment steps, or a path. */
export function findChosen(store: CheckpointStore, chosen: string): string | null {
  if (chosen === 'best') return store.best();
  if (chosen === 'last') return store.latest();
  const steps = chosen.replaceAll(/[_,]/g, '');
  if (/^\d+$/.test(steps)) {
    const found = store.atStep(Number(steps));
    if (found !== null) return found;
    const names = [...store.list(), ...store.listPolicies()].map(path => basename(path));
    throw new RunNotFoundError(
      `There is no checkpoint of step ${steps} in ${store.directory}. It has: ${names.join(', ') || 'none'}.`,
    );
  }
  return resolve(chosen);
}

/** Throws UsageError for what can be no choice of a checkpoint, before any run is looked for. */
export function checkChoice(chosen: string): void {
  if (chosen === 'best' || chosen === 'last' || /^[\d_,]*\d$|[/\\]|\.checkpoint/.test(chosen)) return;
  throw new UsageError(
    `--checkpoint cannot be "${chosen}".${suggestion(chosen, ['best', 'last'])} It is best, last, a number of environment steps, or a file.`,
  );
}

/**
 * Finds the checkpoint to resume a run from: the chosen one, otherwise the newest that is whole. Changes nothing.
 *
 * Throws CheckpointDamagedError, CheckpointMismatchError, RunNotFoundError, UsageError.
 */
export function findResumePoint(run: RunDirectory, identity: RunIdentity, chosen?: string): ResumePoint {
  const store = new CheckpointStore(run.checkpointsPath);
  if (chosen !== undefined) {
    checkChoice(chosen);
    return chosenPoint(run, store, identity, chosen);
  }
  const { whole, damaged } = store.findWhole();
  if (whole === null && damaged.length > 0)
    throw new CheckpointDamagedError(
      `Resuming ${run.path} failed: none of its checkpoints can be used.\n${damaged.map(({ reason }) => `  ${reason}`).join('\n')}\n` +
        'Name another one with --checkpoint, or start a new run.',
    );
  if (whole === null) return startOver(run);
  checkBelongs(whole, identity);
  return { from: whole, setAside: () => (damaged.length === 0 ? [] : setDamagedAside(run, store, whole, damaged)) };
}

function chosenPoint(run: RunDirectory, store: CheckpointStore, identity: RunIdentity, chosen: string): ResumePoint {
  const path = findChosen(store, chosen);
  if (path === null) throw new RunNotFoundError(`Resuming ${run.path} failed: it has no checkpoint "${chosen}".`);
  const from = { path, checkpoint: readCheckpoint(path) };
  checkBelongs(from, identity);
  if (basename(path).startsWith('policy-'))
    throw new UsageError(
      `Resuming ${run.path} failed: ${path} holds the policy alone, which is enough to test or export it. Choose one named step-….`,
    );
  return { from, setAside: () => setNewerAside(run, store, from) };
}

/** A run that was stopped before its first checkpoint has learned nothing that could be lost. */
function startOver(run: RunDirectory): ResumePoint {
  const before = readRunSummary(run)?.checkpoint;
  if (typeof before === 'string')
    throw new RunNotFoundError(
      `Resuming ${run.path} failed: its checkpoints are gone; according to ${run.summaryPath} the last one was ${basename(before)}. ` +
        'Name it with --checkpoint if it is elsewhere, or start a new run.',
    );
  const setAside = () => {
    const kept = keepMetrics(run);
    return [
      `${run.path} was stopped before its first checkpoint: it starts over at step 0, with the same configuration.` +
        (kept === null ? '' : ` The metrics of the first attempt are in ${kept}.`),
    ];
  };
  return { from: null, setAside };
}

function setDamagedAside(
  run: RunDirectory,
  store: CheckpointStore,
  from: WholeCheckpoint,
  damaged: readonly DamagedCheckpoint[],
): string[] {
  const kept = keepMetrics(run);
  const files = damaged.map(({ path, reason }) => `${reason} It is now ${store.setAside(path, 'damaged')}.`);
  return [`${files.join('\n')}\nThe run is resumed from ${describe(from)} instead.${describeMetrics(kept)}`];
}

function setNewerAside(run: RunDirectory, store: CheckpointStore, from: WholeCheckpoint): string[] {
  const newer = store.after(from.checkpoint.meta.envSteps);
  if (newer.length === 0) return [];
  const kept = keepMetrics(run);
  const files = newer.map(path => basename(store.setAside(path, 'superseded')));
  return [
    `The run is resumed from ${describe(from)}. Newer checkpoints are kept as ${files.join(', ')}.${describeMetrics(kept)}`,
  ];
}

function describe({ path, checkpoint }: WholeCheckpoint): string {
  return `${path} (step ${checkpoint.meta.envSteps})`;
}

function describeMetrics(kept: string | null): string {
  return kept === null ? '' : ` The metrics up to now are kept in ${kept}; metrics.jsonl goes on from that step.`;
}

/** Copies the metrics, which are about to be cut. Returns the copy's path; null if there is nothing to keep. */
function keepMetrics(run: RunDirectory): string | null {
  if ((statSync(run.metricsPath, { throwIfNoEntry: false })?.size ?? 0) === 0) return null;
  for (let attempt = 1; ; attempt++) {
    const path = join(run.path, `metrics-superseded-${attempt}.jsonl`);
    if (existsSync(path)) continue;
    copyFileSync(run.metricsPath, path);
    return path;
  }
}
