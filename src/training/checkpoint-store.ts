import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FileOperations } from '../common/atomic-file.ts';
import type { StateDict } from '../common/state-dict.ts';
import { readCheckpointMeta, writeCheckpoint } from './checkpoint.ts';
import type { CheckpointMeta } from './checkpoint-format.ts';
import { CheckpointDamagedError } from './errors.ts';

const NAME = /^step-(\d{9,})\.checkpoint$/;
/** Of the policy alone: written beside the training for an evaluation, and kept while it is the best. */
const POLICY_NAME = /^policy-(\d{9,})\.checkpoint$/;
const PARTIAL = /\.partial$/;

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

  /** The checkpoint with the best evaluation; null where none was evaluated. */
  best(): string | null {
    let best: { path: string; evaluation: NonNullable<CheckpointMeta['evaluation']> } | null = null;
    for (const path of [...this.list(), ...this.listPolicies()]) {
      const evaluation = evaluationOf(path);
      if (evaluation !== null && (best === null || !isBetter(best.evaluation, evaluation))) best = { path, evaluation };
    }
    return best?.path ?? null;
  }

  /** Writes a checkpoint, then removes those no longer kept. Returns its path. Throws CheckpointWriteError. */
  save(meta: CheckpointMeta, state: StateDict): string {
    const path = join(this.directory, `step-${String(meta.envSteps).padStart(9, '0')}.checkpoint`);
    writeCheckpoint(path, { meta, state }, this.operations);
    this.prune();
    return path;
  }

  /** Removes checkpoints after a step, which a run that is continued from there will write anew, and writes cut short. */
  removeAfter(envSteps: number): void {
    for (const path of this.list())
      if (Number(NAME.exec(basename(path))?.[1]) > envSteps) rmSync(path, { force: true });
    for (const path of this.listPolicies())
      if (Number(POLICY_NAME.exec(basename(path))?.[1]) > envSteps) rmSync(path, { force: true });
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
