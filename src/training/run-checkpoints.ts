import type { StateDict } from '../common/state-dict.ts';
import type { CheckpointMeta } from './checkpoint-format.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import { CheckpointWriteError } from './errors.ts';

export interface RunCheckpointsOptions {
  readonly directory: string;
  /** How many stay besides the best. */
  readonly keep: number;
  /** Whether they are written by a thread of its own while training goes on. */
  readonly aside: boolean;
  /** Told of a checkpoint that is on disk. */
  readonly onSaved: (path: string, envSteps: number) => void;
  /** Told of one that could not be written; those before are untouched. */
  readonly onFailed: (error: CheckpointWriteError) => void;
}

/** A training's checkpoints as they are written: at once, or aside, one at a time. */
export class RunCheckpoints {
  readonly store: CheckpointStore;
  /** Environment steps of the last one on disk, and its path. */
  saved: { envSteps: number; path: string } | null = null;
  private readonly options: RunCheckpointsOptions;
  private writer: CheckpointWriter | null = null;
  private saving: Promise<void> = Promise.resolve();

  constructor(options: RunCheckpointsOptions) {
    this.options = options;
    this.store = new CheckpointStore(options.directory, options.keep);
  }

  /**
   * Writes a checkpoint of what `take` finds; aside it is only begun when this resolves, and told of later. To be called
   * again once it has resolved.
   *
   * @param take called once the one before is done: the state taken last is then the one that is written.
   */
  async save(take: () => Promise<{ meta: CheckpointMeta; state: StateDict }>): Promise<void> {
    await this.saving;
    const { meta, state } = await take();
    this.saving = this.write(meta, state);
    if (!this.options.aside) await this.saving;
    // Whoever waits for it next is told what went wrong.
    else this.saving.catch(() => {});
  }

  /** Resolves once nothing is being written. */
  settled(): Promise<void> {
    return this.saving;
  }

  /** Finishes what is being written, whatever comes of it. */
  async close(): Promise<void> {
    await this.saving.catch(() => {});
    await this.writer?.close();
  }

  /** Where the last good one is, for people. */
  describeLatest(): string {
    const latest = this.store.newestWhole();
    return latest === null ? 'There is no checkpoint yet.' : `The last good checkpoint is ${latest}.`;
  }

  private async write(meta: CheckpointMeta, state: StateDict): Promise<void> {
    const { directory, keep, aside, onSaved, onFailed } = this.options;
    // One that broke down cost that checkpoint; the next gets another.
    if (this.writer !== null && this.writer.lost !== null) this.writer = null;
    if (aside) this.writer ??= new CheckpointWriter(directory, keep);
    try {
      const path = await (this.writer ?? this.store).save(meta, state);
      this.saved = { envSteps: meta.envSteps, path };
      onSaved(path, meta.envSteps);
    } catch (error) {
      if (!(error instanceof CheckpointWriteError)) throw error;
      onFailed(error);
    }
  }
}
