import { startThread, type Thread } from '../common/start-thread.ts';
import type { StateDict } from '../common/state-dict.ts';
import { type CheckpointMeta, flatten } from './checkpoint-format.ts';
import type { SaveAnswer, SaveOrder, SaverData } from './checkpoint-writer-thread.ts';
import { CheckpointWriteError } from './errors.ts';

/**
 * Puts a run's checkpoints on disk from a thread of its own, so that learning waits for no disk: what it is given is
 * copied before `save` returns, and written, synced and renamed while training goes on. One at a time.
 */
export class CheckpointWriter {
  private readonly thread: Thread;
  private answer: { resolve(path: string): void; reject(error: Error): void } | null = null;
  /** Why it can write no more, where it cannot. */
  lost: CheckpointWriteError | null = null;

  /** @param keep checkpoints besides the best. */
  constructor(directory: string, keep: number) {
    const data: SaverData = { directory, keep };
    this.thread = startThread(import.meta.url, 'checkpoint-writer-thread', { workerData: data });
    this.thread
      .on('message', (answer: SaveAnswer) => {
        if ('path' in answer) this.answer?.resolve(answer.path);
        else this.answer?.reject(new CheckpointWriteError(answer.reason));
        this.answer = null;
      })
      .on('error', error => this.lose(error.message))
      .on('exit', () => this.lose('the thread that writes them ended'));
  }

  /** Resolves to the checkpoint's path once it is on disk. Throws CheckpointWriteError. */
  save(meta: CheckpointMeta, state: StateDict): Promise<string> {
    const { tree, arrays } = flatten(state);
    const copies = arrays.map(array => array.slice());
    const order: SaveOrder = { meta, tree, arrays: copies };
    return new Promise((resolve, reject) => {
      if (this.lost !== null) throw this.lost;
      this.answer = { resolve, reject };
      this.thread.postMessage(
        order,
        copies.map(({ buffer }) => buffer),
      );
    });
  }

  /** Ends the thread; nothing may be under way. */
  async close(): Promise<void> {
    await this.thread.terminate();
  }

  private lose(reason: string): void {
    this.lost ??= new CheckpointWriteError(
      `Writing a checkpoint failed: ${reason}. Those written before are untouched.`,
    );
    this.answer?.reject(this.lost);
    this.answer = null;
  }
}
