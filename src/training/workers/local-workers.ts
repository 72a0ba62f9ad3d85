import { GraspbridgeError } from '../../common/errors.ts';
import type { Job } from '../bus/index.ts';
import { ended, type PackageChild, startModule } from './child-process.ts';
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
  /** Nobody is replaced from then on: a Ctrl-C reaches them, too. */
  readonly signal?: AbortSignal | undefined;
  readonly onWarning: (message: string) => void;
  /** That process is gone. */
  readonly onEnded: (pid: number) => void;
  /** No worker can be had. */
  readonly onFailure: (error: WorkersFailedError) => void;
}

interface Place {
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

/** Keeps a number of worker processes alive: who dies is replaced, later and later where that does not help. */
export class LocalWorkers {
  private readonly options: LocalWorkersOptions;
  private readonly places: Place[];
  private closing = false;
  private worked = false;

  constructor(options: LocalWorkersOptions) {
    this.options = options;
    this.places = Array.from({ length: options.count }, () => ({
      child: null,
      timer: null,
      failures: 0,
      reason: null,
    }));
    for (const place of this.places) this.start(place);
  }

  get pids(): number[] {
    return this.places.flatMap(({ child }) => (child?.process.pid === undefined ? [] : [child.process.pid]));
  }

  has(pid: number): boolean {
    return this.pids.includes(pid);
  }

  /** The worker did something: if it ends, that is no failure to start. */
  markWorking(pid: number): void {
    this.worked = true;
    const place = this.places.find(({ child }) => child?.process.pid === pid);
    if (place !== undefined) place.failures = 0;
  }

  /** Ends a worker that hangs or is paused, for the reason told; it is replaced as if it had died. */
  kill(pid: number, reason: string): void {
    const place = this.places.find(({ child }) => child?.process.pid === pid);
    if (place === undefined) return;
    place.reason = reason;
    place.child?.process.kill('SIGKILL');
  }

  /** Waits for all to leave, who were dismissed before; kills who does not. */
  async close(): Promise<void> {
    this.closing = true;
    for (const { timer } of this.places) if (timer !== null) clearTimeout(timer);
    for (const { child } of this.places) child?.process.kill('SIGTERM');
    await Promise.all(this.places.map(({ child }) => (child === null ? null : ended(child.process, 4_000))));
  }

  private start(place: Place): void {
    const { address, secret, job, execArgv } = this.options;
    const child = startModule('worker-main', execArgv);
    place.child = child;
    place.timer = null;
    place.reason = null;
    const order: WorkerOrder = { address, secret, job };
    child.process.on('error', error => this.lose(place, child, `could not be started: ${error.message}`));
    child.process.on('exit', (code, signal) => this.lose(place, child, `ended with ${signal ?? `code ${code}`}`));
    child.process.send(order, () => {}); // Where it died at once, its end says so.
  }

  private lose(place: Place, child: PackageChild, ending: string): void {
    if (place.child !== child) return;
    const { pid } = child.process;
    if (pid !== undefined) this.options.onEnded(pid);
    if (this.closing || this.options.signal?.aborted) return;
    const how = place.reason ?? ending;
    place.child = null;
    place.failures++;
    const said = child.complaints();
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
    place.timer = setTimeout(() => this.start(place), wait * 1000);
  }
}
