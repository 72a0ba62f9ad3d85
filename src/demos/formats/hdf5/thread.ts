import { startThread, type Thread } from '../../../common/start-thread.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { Hdf5Reply, Hdf5Request } from './messages.ts';

/** Longest wait for one answer, ms: the largest episode takes seconds. */
const DEADLINE = 60_000;
/** Longest wait for its first message, which says that the library is loaded, ms. */
const START_DEADLINE = 120_000;
/** JavaScript's part of the thread's memory, MB; an episode has 256 at most. */
const MEMORY = 2048;
const IDLE_LIMIT = 2;

/** Threads that wait for the next file: starting one takes longer than reading most files. */
const idle: Hdf5Thread[] = [];

/** A thread that reads and writes HDF5, one file at a time, asked one thing at a time. It keeps no process alive but while asked. */
export class Hdf5Thread {
  private readonly worker: Thread;
  private readonly deadline: number;
  private lost: Error | null = null;
  private started = false;
  private taken = true;
  /** Whether the library has failed: it leaves things open then, and only ending the thread closes them. */
  private worn = false;

  /** A thread that waits, or a new one; to be given back with `close`. */
  static take(): Hdf5Thread {
    const thread = idle.pop() ?? new Hdf5Thread();
    thread.taken = true;
    return thread;
  }

  /** @param deadline longest wait for one answer, ms. */
  constructor(deadline = DEADLINE) {
    this.deadline = deadline;
    this.worker = startWorker();
    // Whoever waits is told; without a listener the process would end.
    this.worker
      .on('error', error => {
        this.lost = error;
      })
      .on('exit', () => {
        this.lost ??= new Error('the thread that reads it ended');
      });
  }

  /** Throws DemonstrationFileError with the reason, also where the thread ends or takes too long. */
  async ask(request: Hdf5Request): Promise<Hdf5Reply & { ok: true }> {
    if (!this.started) await this.next(START_DEADLINE);
    this.started = true;
    this.worker.postMessage(request);
    const reply = await this.next(this.deadline);
    if (reply.ok) return reply;
    if (!reply.clean) this.worn = true;
    throw new DemonstrationFileError(reply.reason);
  }

  /** The thread's next message. */
  private async next(deadline: number): Promise<Hdf5Reply> {
    if (this.lost !== null) throw gone(this.lost.message);
    this.worker.ref();
    return new Promise((done, fail) => {
      const stop = (reason: string) => {
        this.lost ??= new Error(reason);
        void this.worker.terminate();
        finish(() => fail(gone(reason)));
      };
      const timer = setTimeout(() => stop(`the HDF5 library took more than ${deadline / 1000} s`), deadline);
      const onMessage = (message: Hdf5Reply) => finish(() => done(message));
      const onError = (error: Error) => stop(error.message);
      const onExit = () => stop('the thread that reads it ended');
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        // Only an answer is worth waiting for: a file that nobody closes must not keep the process.
        this.worker.unref();
        this.worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        settle();
      };
      this.worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    });
  }

  /** Gives the thread back: it closes its file and waits for the next one. Safe to call twice. */
  async close(): Promise<void> {
    if (!this.taken) return;
    this.taken = false;
    if (!this.worn && this.lost === null) {
      await this.ask({ kind: 'close' }).catch(() => {
        this.worn = true;
      });
    }
    if (this.worn || this.lost !== null || idle.length >= IDLE_LIMIT) return this.terminate();
    idle.push(this);
  }

  /** Whether it can be asked no more. */
  get ended(): boolean {
    return this.lost !== null;
  }

  /** Ends the thread. */
  async terminate(): Promise<void> {
    this.lost ??= new Error('it was ended');
    await this.worker.terminate();
  }
}

function gone(reason: string): DemonstrationFileError {
  return new DemonstrationFileError(`it cannot be read or written as HDF5: ${reason}`);
}

function startWorker(): Thread {
  // What the library prints about a damaged file is in the error.
  return startThread(import.meta.url, 'worker', {
    silent: true,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
  });
}
