import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FileOperations } from '../common/atomic-file.ts';
import type { StateDict } from '../common/state-dict.ts';
import { type Checkpoint, readCheckpoint, readCheckpointMeta, writeCheckpoint } from './checkpoint.ts';
import type { CheckpointMeta } from './checkpoint-format.ts';
import { CheckpointDamagedError } from './errors.ts';

const NAME = /^step-(\d{9,})\.checkpoint$/;
/** Of the policy alone: written beside the training for an evaluation, and kept while it is the best. */
const POLICY_NAME = /^policy-(\d{9,})\.checkpoint$/;
const PARTIAL = /\.partial$/;

/** A checkpoint that was read whole, and where it is. */
export interface WholeCheckpoint {
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/** A checkpoint that cannot be used, and why. */
export interface DamagedCheckpoint {
  readonly path: string;
  readonly reason: string;
}

/**
 * A run's checkpoints: one file each, named after its environment steps.
 *
 * The last `keep` stay, and the best: the one whose own evaluation had the highest success rate, then return. Which
 * one that is stands in the files themselves, so no index can disagree with them.
 */
export class CheckpointStore {
  readonly directory: string;
  private readonly keep: number;
  private readonly operations: FileOperations | undefined;

  constructor(directory: string, keep = 2, operations?: FileOperations) {
    this.directory = directory;
    this.keep = keep;
    this.operations = operations;
  }

  /** Paths, oldest first, of checkpoints that a run can go on from. */
  list(): string[] {
    return this.matching(NAME);
  }

  /** Paths, oldest first, of checkpoints of the policy alone. */
  listPolicies(): string[] {
    return this.matching(POLICY_NAME);
  }

  /** Where a checkpoint of the policy alone goes. */
  policyPath(envSteps: number): string {
    return join(this.directory, `policy-${String(envSteps).padStart(9, '0')}.checkpoint`);
  }

  /** Removes checkpoints of the policy alone, but for the best and those of the last steps. */
  prunePolicies(from: number): void {
    const best = this.best();
    for (const path of this.listPolicies())
      if (path !== best && Number(POLICY_NAME.exec(basename(path))?.[1]) < from) removeIfPossible(path);
  }

  latest(): string | null {
    return this.list().at(-1) ?? null;
  }

  /** The newest checkpoint that can be read whole, and what is wrong with those that are newer. */
  findWhole(): { readonly whole: WholeCheckpoint | null; readonly damaged: readonly DamagedCheckpoint[] } {
    const damaged: DamagedCheckpoint[] = [];
    for (const path of this.list().reverse()) {
      try {
        return { whole: { path, checkpoint: readCheckpoint(path) }, damaged };
      } catch (error) {
        if (!(error instanceof CheckpointDamagedError)) throw error;
        damaged.push({ path, reason: error.message });
      }
    }
    return { whole: null, damaged };
  }

  /** The path of the newest checkpoint that can be read whole; null if there is none. */
  newestWhole(): string | null {
    return this.findWhole().whole?.path ?? null;
  }

  /** The checkpoint after so many environment steps: one to resume from, or else one of the policy alone; or null. */
  atStep(envSteps: number): string | null {
    const atStep = (pattern: RegExp) => (path: string) => Number(pattern.exec(basename(path))?.[1]) === envSteps;
    return this.list().find(atStep(NAME)) ?? this.listPolicies().find(atStep(POLICY_NAME)) ?? null;
  }

  /** Checkpoints of both kinds that are newer than so many steps. */
  after(envSteps: number): string[] {
    const steps = (path: string) => Number((NAME.exec(basename(path)) ?? POLICY_NAME.exec(basename(path)))?.[1]);
    return [...this.list(), ...this.listPolicies()].filter(path => steps(path) > envSteps);
  }

  /** Renames a file so that it is kept, but is no checkpoint of the run any more. Returns its new path. */
  setAside(path: string, why: 'damaged' | 'superseded'): string {
    for (let attempt = 1; ; attempt++) {
      const aside = `${path}.${why}${attempt === 1 ? '' : `-${attempt}`}`;
      if (existsSync(aside)) continue;
      renameSync(path, aside);
      return aside;
    }
  }

  /** The checkpoint with the best evaluation; null where none was evaluated. */
  best(): string | null {
    let best: { path: string; evaluation: NonNullable<CheckpointMeta['evaluation']> } | null = null;
    for (const path of [...this.list(), ...this.listPolicies()]) {
      const evaluation = evaluationOf(path);
      if (evaluation !== null && (best === null || !isBetter(best.evaluation, evaluation))) best = { path, evaluation };
    }
    return best?.path ?? null;
  }

  /** Writes a checkpoint into the folder, which must be there; then removes those no longer kept. Returns its path. Throws CheckpointWriteError. */
  save(meta: CheckpointMeta, state: StateDict): string {
    const path = join(this.directory, `step-${String(meta.envSteps).padStart(9, '0')}.checkpoint`);
    writeCheckpoint(path, { meta, state }, this.operations);
    this.prune();
    return path;
  }

  /** Removes checkpoints after a step, which a run that is continued from there will write anew, and writes cut short. */
  removeAfter(envSteps: number): void {
    for (const path of this.after(envSteps)) rmSync(path, { force: true });
    for (const name of namesIn(this.directory))
      if (PARTIAL.test(name)) rmSync(join(this.directory, name), { force: true });
  }

  private matching(pattern: RegExp): string[] {
    const steps = (name: string) => Number(pattern.exec(name)?.[1]);
    return namesIn(this.directory)
      .filter(name => pattern.test(name))
      .sort((a, b) => steps(a) - steps(b))
      .map(name => join(this.directory, name));
  }

  private prune(): void {
    const paths = this.list();
    const best = this.best();
    for (const path of paths.slice(0, Math.max(0, paths.length - this.keep))) if (path !== best) removeIfPossible(path);
  }
}

/** What cannot be removed now is in nobody's way, and tried again with the next. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // As said.
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function evaluationOf(path: string): CheckpointMeta['evaluation'] {
  try {
    return readCheckpointMeta(path).evaluation;
  } catch (error) {
    // A damaged file is not the best one; whoever loads it is told what is wrong with it.
    if (error instanceof CheckpointDamagedError) return null;
    throw error;
  }
}

type Scored = { readonly successRate: number; readonly meanReturn: number };

/** Whether `a` is strictly better than `b`: by success rate, then by return. */
export function isBetter(a: Scored, b: Scored): boolean {
  return a.successRate !== b.successRate ? a.successRate > b.successRate : a.meanReturn > b.meanReturn;
}
