import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { closeAll } from '../../common/close-all.ts';
import { oneLine } from '../../common/one-line.ts';
import type { StateDict } from '../../common/state-dict.ts';
import { EnvContractError } from '../../envs/index.ts';
import { type Ack, decodeState, type Job, type Welcome } from '../bus/index.ts';
import { TrainingDivergedError } from '../errors.ts';
import { admit, type TrustOptions, trustedPaths } from '../trust.ts';
import type { Chunk } from './chunk-builder.ts';
import type { Collector } from './collector.ts';
import {
  LearnerLink,
  type LearnerLinkOptions,
  type LearnerListener,
  type WeightsMessage,
  type WorkEnd,
} from './learner-link.ts';
import { Outbox } from './outbox.ts';
import type { RolloutCollector } from './rollout-collector.ts';
import { Workplace } from './workplace.ts';

export interface WorkerOptions extends LearnerLinkOptions, Pick<TrustOptions, 'trust'> {
  /**
   * What it does, opened while the learner still prepares itself. It is trusted, and whatever job a learner names is
   * ignored; without it, the job is the learner's, and `trust` says what that may name.
   */
  readonly job?: Job;
  /** The CoppeliaSim that is started here, if the learner's job needs one: its folder, or the program itself. */
  readonly coppeliasim?: string;
  /** Ends the work after the present step. */
  readonly signal?: AbortSignal;
  /** Called once the job's environments are open. */
  readonly onReady?: () => void;
  /** Told of experience that is on the learner's disk. */
  readonly onDurable?: (chunks: readonly Chunk[]) => void;
}

export interface WorkerEnd {
  /** Why it ended, for people. */
  readonly reason: string;
  readonly envSteps: number;
}

/** How far a worker may be ahead of its learner. */
interface Flow extends Pick<Welcome, 'random' | 'window'>, Pick<Job, 'envs'> {}

/** Between two looks whether a beat is due, ms. */
const BEAT_LOOK_EVERY = 250;
/** A message that is not confirmed for so long is sent again, ms. */
const RESEND_AFTER = 1_500;
/** A chunk is sent at that age even where it is not full, ms: slow simulators fill it slowly. */
const CHUNK_AGE = 100;
/** How long the event loop may go without a turn, ms, so that weights and acknowledgements come in. */
const TURN_EVERY = 2;

/**
 * A rollout worker: steps environments with the learner's policy and sends what happens, until the learner says it is
 * enough. It survives the learner: it looks for it again, and sends what no checkpoint holds yet.
 *
 * Throws WorkerRefusedError, LearnerLostError, BusAddressError, UsageError if the learner's job names code that is not
 * trusted, and what its environments throw.
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerEnd> {
  return new Worker(options).run();
}

class Worker implements LearnerListener {
  private readonly options: WorkerOptions;
  private readonly link: LearnerLink;
  private workplace: Workplace | null = null;
  private collector: Collector | RolloutCollector | null = null;
  private outbox: Outbox | null = null;
  private sentAt = 0;
  private newest: { version: number; weights: StateDict } | null = null;
  private end: WorkEnd | null = null;
  private wake: () => void = () => {};
  private pumping = false;
  private pumped: Promise<void> = Promise.resolve();
  private envSteps = 0;
  private beatAt = performance.now();
  private waited = 0;

  constructor(options: WorkerOptions) {
    this.options = options;
    // So that a wrong path is an error before a learner is looked for.
    trustedPaths(options.trust ?? []);
    this.link = new LearnerLink(options, this);
  }

  async run(): Promise<WorkerEnd> {
    const { signal, job, onReady } = this.options;
    const ticking = setInterval(() => this.beat(), BEAT_LOOK_EVERY);
    const abort = () => this.ended({ reason: 'interrupted' });
    signal?.addEventListener('abort', abort, { once: true });
    try {
      if (signal?.aborted) abort();
      this.link.tick();
      if (job !== undefined) this.workplace = await Workplace.open(job);
      onReady?.();
      while (this.link.welcome === null && this.end === null) await this.change();
      if (this.link.welcome !== null && this.end === null) await this.work(this.link.welcome);
      if (this.end !== null && 'error' in this.end) throw this.end.error;
      await this.leave('done', '');
      return { reason: this.end?.reason ?? 'done', envSteps: this.envSteps };
    } catch (error) {
      const text = oneLine(error instanceof Error ? error.message : String(error), 2000);
      // What the environment does wrong here it does wrong in every worker.
      const everywhere = error instanceof TrainingDivergedError || error instanceof EnvContractError;
      await this.leave(everywhere ? 'diverged' : 'failed', text);
      throw error;
    } finally {
      clearInterval(ticking);
      signal?.removeEventListener('abort', abort);
      await closeAll(this.link, this.workplace);
    }
  }

  welcomed(welcome: Welcome): void {
    this.outbox?.restart(welcome.received);
    void this.pump();
    this.wake();
  }

  acknowledged(ack: Ack): void {
    const { outbox } = this;
    if (outbox !== null) {
      const kept = outbox.acknowledge(ack);
      if (kept.length > 0) this.options.onDurable?.(kept);
      const lost = outbox.isAwaiting(ack.accepted) && performance.now() - this.sentAt > RESEND_AFTER;
      if (ack.gap || lost) outbox.rewind(ack.accepted);
      void this.pump();
    }
    this.wake();
  }

  weights({ version, tree, arrays }: WeightsMessage, payload: readonly Uint8Array[]): void {
    if (this.collector === null || version > this.collector.weights)
      this.newest = { version, weights: decodeState(tree, arrays, payload) };
    // Over a new connection the learner cannot know that they are in use; until it is told it sends no others.
    else void this.link.say({ kind: 'got', version: this.collector.weights });
    this.wake();
  }

  ended(how: WorkEnd): void {
    this.end ??= how;
    this.wake();
  }

  private async work(welcome: Welcome): Promise<void> {
    this.workplace ??= await Workplace.open(this.admitted(welcome.job));
    const { envs } = this.workplace.job;
    const flow = { random: welcome.random, window: welcome.window, envs };
    const collector = await this.workplace.collector(welcome.seed, welcome.chunk);
    const outbox = new Outbox(welcome.retain);
    this.collector = collector;
    this.outbox = outbox;
    let turn = performance.now();
    while (this.end === null) {
      await this.takeWeights(collector);
      if (!this.mayStep(collector, outbox, flow)) {
        const before = performance.now();
        await this.change();
        turn = performance.now();
        this.waited += turn - before;
        continue;
      }
      await collector.step();
      this.envSteps += envs;
      const now = performance.now();
      if (collector.chunk.steps >= welcome.chunk || now - collector.chunk.since > CHUNK_AGE) {
        outbox.push(collector.chunk.seal(collector.weights));
        await this.pump();
      }
      if (now - turn > TURN_EVERY) {
        await nextTurn();
        turn = performance.now();
      }
    }
    outbox.push(collector.chunk.seal(collector.weights));
    await this.pump();
  }

  /** A learner's job with what may be used of it here. Throws UsageError. */
  private admitted(job: Job): Job {
    const { trust, coppeliasim, address, onEvent } = this.options;
    const chosen = coppeliasim !== undefined && job.simulator === 'coppeliasim' ? { coppeliasim } : {};
    if (coppeliasim !== undefined && job.simulator !== 'coppeliasim')
      onEvent?.(`--coppeliasim is not used: the simulator of this training is ${oneLine(job.simulator)}.`);
    const named = Object.entries(job.simulatorOptions).filter(([option]) => !(option in chosen));
    const simulatorOptions = admit(
      { ...job, simulatorOptions: Object.fromEntries(named) },
      { name: `the learner at ${address}`, folders: [] },
      { ...(trust === undefined ? {} : { trust }), ...(onEvent === undefined ? {} : { onNotice: onEvent }) },
    );
    return { ...job, simulatorOptions: { ...simulatorOptions, ...chosen } };
  }

  /** Whether there is room for another step of every environment, and something to choose actions with. */
  private mayStep(collector: Collector | RolloutCollector, outbox: Outbox, { random, window, envs }: Flow): boolean {
    if (!random && collector.weights === 0) return false;
    // A rollout is made with one version of the weights, and the next one with the next.
    if (collector.waits) return false;
    return outbox.stepsUnderWay + collector.chunk.steps + envs <= window;
  }

  /** Weights that came and can be used: a rollout under way is made with those it began with. */
  private get usable(): typeof this.newest {
    return this.collector === null || this.collector.takesWeights ? this.newest : null;
  }

  private async takeWeights(collector: Collector | RolloutCollector): Promise<void> {
    if (this.usable === null) return;
    const { version, weights } = this.usable;
    this.newest = null;
    await collector.setWeights(weights, version);
    await this.link.say({ kind: 'got', version });
  }

  /** Sends what may be sent, one at a time. */
  private pump(): Promise<void> {
    if (!this.pumping) this.pumped = this.sendAll();
    return this.pumped;
  }

  private async sendAll(): Promise<void> {
    const { outbox, link } = this;
    if (outbox === null || link.welcome === null) return;
    this.pumping = true;
    try {
      for (;;) {
        const entry = link.connected ? outbox.nextToSend(link.welcome.window) : null;
        if (entry === null) return;
        const { steps, rows, weights, episodes, payload } = entry.chunk;
        const { seq } = entry;
        const message = { kind: 'experience', seq, oldest: outbox.oldest, steps, rows, weights } as const;
        if (!(await link.say({ ...message, episodes: [...episodes] }, [payload]))) return;
        this.sentAt = performance.now();
        outbox.markSent(entry);
      }
    } finally {
      // At once, so that what is pushed from now on is sent by the next call.
      this.pumping = false;
    }
  }

  /** Says what this worker does with its time, where it was not said for a while. */
  private beat(): void {
    const { welcome, connected } = this.link;
    const now = performance.now();
    const span = now - this.beatAt;
    if (welcome === null || !connected || span < welcome.beat) return;
    this.beatAt = now;
    const times = this.collector?.times ?? { simulating: 0, acting: 0 };
    const share = (ms: number) => Math.min(1, Math.max(0, ms / span));
    void this.link.say({
      kind: 'beat',
      simulating: share(times.simulating),
      acting: share(times.acting),
      waiting: share(this.waited),
      memory: process.memoryUsage.rss(),
      retained: this.outbox?.retained ?? 0,
      dropped: this.outbox?.dropped ?? 0,
    });
    times.simulating = 0;
    times.acting = 0;
    this.waited = 0;
  }

  private async leave(reason: 'done' | 'failed' | 'diverged', text: string): Promise<void> {
    await this.link.say({ kind: 'leave', reason, text });
  }

  /** Resolves when something has changed that the work may have waited for. */
  private change(): Promise<void> {
    return new Promise(done => {
      this.wake = done;
      if (this.end !== null || this.usable !== null) done();
    });
  }
}
