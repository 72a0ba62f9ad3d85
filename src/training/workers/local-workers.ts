import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { GraspbridgeError } from '../../common/errors.ts';
import type { Job } from '../bus/index.ts';
import { end, type PackageChild, startModule } from './child-process.ts';
import { StartQueue } from './start-queue.ts';
import type { WorkerOrder } from './worker-main.ts';

/** Workers of this machine ended again and again before any of them did anything. */
export class WorkersFailedError extends GraspbridgeError {}

export interface LocalWorkersOptions {
  readonly count: number;
  readonly address: string;
  readonly secret: string;
  readonly job: Job;
  /** More arguments for Node. */
  readonly execArgv?: readonly string[];
  /** Ends all of them; nobody is replaced from then on. */
  readonly signal?: AbortSignal | undefined;
  readonly onWarning: (message: string) => void;
  /** The process of the worker of that name is gone. */
  readonly onEnded: (worker: string) => void;
  /** No worker can be had. */
  readonly onFailure: (error: WorkersFailedError) => void;
}

interface Place {
  /** The present worker's name on the bus. Nobody else knows it, so that nobody can pretend to be a worker from here. */
  name: string;
  child: PackageChild | null;
  timer: NodeJS.Timeout | null;
  /** Ends in a row of workers that had done nothing. */
  failures: number;
  /** Why it was ended from here, if it was. */
  reason: string | null;
}

/** After so many ends in a row without any experience from anyone, there is no use in another try. */
const MAX_FAILURES = 4;
/** Before a worker is replaced, s: doubled each time, up to the last. */
const BACK_OFF = [0.25, 10] as const;
/** How long a worker may take to open its environments while others wait for their turn to start, ms. */
const START_PATIENCE = 60_000;

/**
 * Keeps a number of worker processes alive: who dies is replaced, later and later where that does not help.
 *
 * They start in small groups, as many at a time as there are processors, so that hundreds of them do not stop a machine.
 */
export class LocalWorkers {
  private readonly options: LocalWorkersOptions;
  private readonly places: Place[];
  private readonly starts = new StartQueue(Math.max(2, availableParallelism()), START_PATIENCE);
  private readonly onAbort = () => void this.close();
  private closing: Promise<void> | null = null;
  private worked = false;

  constructor(options: LocalWorkersOptions) {
    this.options = options;
    this.places = Array.from({ length: options.count }, () => ({
      name: '',
      child: null,
      timer: null,
      failures: 0,
      reason: null,
    }));
    for (const place of this.places) this.starts.add(done => this.start(place, done));
    options.signal?.addEventListener('abort', this.onAbort, { once: true });
    if (options.signal?.aborted) this.onAbort();
  }

  get pids(): number[] {
    return this.places.flatMap(({ child }) => (child?.process.pid === undefined ? [] : [child.process.pid]));
  }

  has(worker: string): boolean {
    return this.placeOf(worker) !== undefined;
  }

  /** A worker did something, one from elsewhere too: if it ends, that is no failure to start. */
  markWorking(worker: string): void {
    this.worked = true;
    const place = this.placeOf(worker);
    if (place !== undefined) place.failures = 0;
  }

  /** Ends a worker for the reason told; it is replaced as if it had died. */
  kill(worker: string, reason: string): void {
    const place = this.placeOf(worker);
    if (place === undefined) return;
    place.reason = reason;
    place.child?.process.kill('SIGKILL');
  }

  /** Ends all: asks them to leave, and kills who does not. */
  close(): Promise<void> {
    this.closing ??= this.endAll();
    return this.closing;
  }

  private async endAll(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.starts.close();
    for (const { timer } of this.places) if (timer !== null) clearTimeout(timer);
    await Promise.all(this.places.map(({ child }) => (child === null ? null : end(child.process))));
  }

  private placeOf(worker: string): Place | undefined {
    return this.places.find(({ name, child }) => name === worker && child !== null);
  }

  /** @param done called once it has opened its environments, or has ended */
  private start(place: Place, done: () => void): void {
    const { address, secret, job, execArgv } = this.options;
    const child = startModule('worker-main', execArgv);
    place.name = randomBytes(12).toString('hex');
    place.child = child;
    place.timer = null;
    place.reason = null;
    const order: WorkerOrder = { address, secret, job, name: place.name };
    const lose = (how: string) => {
      done();
      this.lose(place, child, how);
    };
    // It has one message only: that it is ready.
    child.process.once('message', done);
    child.process.on('error', error => lose(`could not be started: ${error.message}`));
    child.process.on('exit', (code, signal) => lose(`ended with ${signal ?? `code ${code}`}`));
    child.process.send(order, () => {}); // Where it died at once, its end says so.
  }

  private lose(place: Place, child: PackageChild, ending: string): void {
    if (place.child !== child) return;
    const { pid } = child.process;
    place.child = null;
    this.options.onEnded(place.name);
    if (this.closing !== null) return;
    const how = place.reason ?? ending;
    place.failures++;
    const said = place.reason === null ? child.complaints() : '';
    const complaint = said === '' ? '' : ` It said: ${said}`;
    if (!this.worked && place.failures >= MAX_FAILURES) {
      this.options.onFailure(
        new WorkersFailedError(
          `Rollout workers cannot work: process ${pid ?? '?'} ${how}, as ${place.failures - 1} before it.${complaint || ' It said nothing.'} ` +
            'Train with --workers 0 to see what is wrong in one process.',
        ),
      );
      return;
    }
    const [first, last] = BACK_OFF;
    const wait = Math.min(last, first * 2 ** (place.failures - 1));
    this.options.onWarning(
      `Rollout worker (process ${pid ?? '?'}) ${how}; another one takes its place in ${wait} s.${complaint}`,
    );
    place.timer = setTimeout(() => this.starts.add(next => this.start(place, next)), wait * 1000);
  }
}
