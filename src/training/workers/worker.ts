import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { StateDict } from '../../common/state-dict.ts';
import {
  type Ack,
  type BusKeys,
  type DownMessage,
  decodeState,
  type Job,
  LearnerLostError,
  PROTOCOL,
  type Received,
  Refusals,
  type UpMessage,
  type Welcome,
  WorkerRefusedError,
  WorkerSocket,
} from '../bus/index.ts';
import { cleanText } from '../bus/text.ts';
import { TrainingDivergedError } from '../errors.ts';
import type { Chunk } from './chunk-builder.ts';
import type { Collector } from './collector.ts';
import { Outbox } from './outbox.ts';
import type { RolloutCollector } from './rollout-collector.ts';
import { Workplace } from './workplace.ts';

export interface WorkerOptions {
  /** Where the learner listens: `tcp://host:port`. */
  readonly address: string;
  readonly keys?: BusKeys;
  /** What joining takes where there are no keys. */
  readonly secret?: string;
  /** What it will be asked to do, to be opened while the learner still prepares itself. */
  readonly job?: Job;
  /** How long it goes on looking for a learner that is silent, s; 300 by default. */
  readonly patience?: number;
  /** Ends the work after the present step. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (message: string) => void;
  /** Told of experience that is on the learner's disk. */
  readonly onDurable?: (chunks: readonly Chunk[]) => void;
}

export interface WorkerEnd {
  /** Why it ended, for people. */
  readonly reason: string;
  readonly envSteps: number;
}

/** Between two hellos, ms. */
const HELLO_EVERY = 250;
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
 * Throws WorkerRefusedError, LearnerLostError, BusAddressError, and what its environments throw.
 */
export function runWorker(options: WorkerOptions): Promise<WorkerEnd> {
  return new Worker(options).run();
}

class Worker {
  private readonly options: WorkerOptions;
  private readonly name = randomBytes(12).toString('hex');
  private readonly socket: WorkerSocket;
  private readonly heard = { at: performance.now() };
  private workplace: Workplace | null = null;
  private collector: Collector | RolloutCollector | null = null;
  private outbox: Outbox | null = null;
  private welcome: Welcome | null = null;
  /** Whether the learner knows this connection. */
  private connected = false;
  private helloAt = Number.NEGATIVE_INFINITY;
  private sentAt = 0;
  private newest: { version: number; weights: StateDict } | null = null;
  private ended: { reason: string } | { error: Error } | null = null;
  private wake: () => void = () => {};
  private pumping: Promise<void> | null = null;
  private envSteps = 0;
  private beatAt = performance.now();
  private waited = 0;

  constructor(options: WorkerOptions) {
    this.options = options;
    const { address, keys, onEvent = () => {} } = options;
    this.socket = new WorkerSocket({
      address,
      ...(keys === undefined ? {} : { keys }),
      refusals: new Refusals(onEvent),
      onMessage: received => this.hear(received),
    });
  }

  async run(): Promise<WorkerEnd> {
    const { signal, job } = this.options;
    const ticking = setInterval(() => this.tick(), HELLO_EVERY);
    const abort = () => this.end({ reason: 'interrupted' });
    signal?.addEventListener('abort', abort, { once: true });
    try {
      if (signal?.aborted) abort();
      this.tick();
      if (job !== undefined) this.workplace = await Workplace.open(job);
      while (this.welcome === null && this.ended === null) await this.change();
      if (this.welcome !== null && this.ended === null) await this.work(this.welcome);
      if (this.ended !== null && 'error' in this.ended) throw this.ended.error;
      await this.leave('done', '');
      return { reason: this.ended?.reason ?? 'done', envSteps: this.envSteps };
    } catch (error) {
      const text = cleanText(error instanceof Error ? error.message : String(error), 2000);
      await this.leave(error instanceof TrainingDivergedError ? 'diverged' : 'failed', text);
      throw error;
    } finally {
      clearInterval(ticking);
      signal?.removeEventListener('abort', abort);
      await this.socket.close();
      await this.workplace?.close();
    }
  }

  private async work(welcome: Welcome): Promise<void> {
    if (this.workplace !== null && !isDeepStrictEqual(this.workplace.job, welcome.job)) {
      await this.workplace.close();
      this.workplace = null;
    }
    this.workplace ??= await Workplace.open(welcome.job);
    const collector = await this.workplace.collector(welcome.seed, welcome.chunk);
    const outbox = new Outbox(welcome.retain);
    this.collector = collector;
    this.outbox = outbox;
    let turn = performance.now();
    while (this.ended === null) {
      await this.takeWeights(collector);
      if (!this.mayStep(collector, outbox, welcome)) {
        const before = performance.now();
        await this.change();
        turn = performance.now();
        this.waited += turn - before;
        continue;
      }
      await collector.step();
      this.envSteps += welcome.job.envs;
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

  /** Whether there is room for another step of every environment, and something to choose actions with. */
  private mayStep(collector: Collector | RolloutCollector, outbox: Outbox, { random, window, job }: Welcome): boolean {
    if (!random && collector.weights === 0) return false;
    // A rollout is made with one version of the weights, and the next one with the next.
    if ('waits' in collector && collector.waits) return false;
    return outbox.stepsUnderWay + collector.chunk.steps + job.envs <= window;
  }

  private async takeWeights(collector: Collector | RolloutCollector): Promise<void> {
    if (this.newest === null) return;
    const { version, weights } = this.newest;
    this.newest = null;
    await collector.setWeights(weights, version);
    await this.say({ kind: 'got', version });
  }

  /** Sends what may be sent, one at a time. */
  private pump(): Promise<void> {
    this.pumping ??= this.sendAll().finally(() => {
      this.pumping = null;
    });
    return this.pumping;
  }

  private async sendAll(): Promise<void> {
    const { outbox, welcome } = this;
    if (outbox === null || welcome === null) return;
    for (;;) {
      const entry = this.connected ? outbox.nextToSend(welcome.window) : null;
      if (entry === null) return;
      const { steps, rows, weights, episodes, payload } = entry.chunk;
      const { seq } = entry;
      const message = { kind: 'experience', seq, oldest: outbox.oldest, steps, rows, weights } as const;
      if (!(await this.say({ ...message, episodes: [...episodes] }, [payload]))) return;
      this.sentAt = performance.now();
      outbox.markSent(entry);
    }
  }

  /** Sends a message of this connection. Returns whether it went out. */
  private async say(message: Unaddressed<UpMessage>, payload: readonly Uint8Array[] = []): Promise<boolean> {
    if (this.welcome === null || !this.connected) return false;
    const { run, session } = this.welcome;
    return this.socket.send({ ...message, run, session } as UpMessage, payload); // The two fields it was left without.
  }

  private hear({ message, payload }: Received<DownMessage>): void {
    if (message.kind === 'unknown') {
      this.connected = false;
      this.tick();
      return;
    }
    if (message.kind === 'refused') {
      const text = cleanText(message.text);
      this.end({
        error: new WorkerRefusedError(`The learner at ${this.options.address} refused this worker: ${text}`),
      });
      return;
    }
    if (message.kind === 'welcome') {
      this.beWelcomed(message);
      return;
    }
    // Of another run, or meant for an earlier connection: nothing for us.
    if (message.run !== this.welcome?.run || message.session !== this.welcome.session) return;
    this.heard.at = performance.now();
    if (message.kind === 'ack') this.takeAck(message);
    else if (message.kind === 'bye') this.end({ reason: cleanText(message.text) });
    else if (this.collector === null || message.version > this.collector.weights)
      this.newest = { version: message.version, weights: decodeState(message.tree, message.arrays, payload) };
    this.wake();
  }

  private beWelcomed(welcome: Welcome): void {
    if (this.welcome !== null && this.welcome.run !== welcome.run) {
      this.end({
        error: new WorkerRefusedError(
          `Another run is trained at ${this.options.address} now. This worker's own run is over; start a new worker.`,
        ),
      });
      return;
    }
    if (this.welcome !== null) this.options.onEvent?.('Connected to the learner again.');
    this.heard.at = performance.now();
    this.welcome = welcome;
    this.connected = true;
    this.outbox?.restart(welcome.received);
    void this.pump();
    this.wake();
  }

  private takeAck(ack: Ack): void {
    const { outbox } = this;
    if (outbox === null) return;
    const kept = outbox.acknowledge(ack);
    if (kept.length > 0) this.options.onDurable?.(kept);
    const lost = outbox.isAwaiting(ack.accepted) && performance.now() - this.sentAt > RESEND_AFTER;
    if (ack.gap || lost) outbox.rewind(ack.accepted);
    void this.pump();
  }

  /** Four times a second: hellos while there is no learner, beats while there is one. */
  private tick(): void {
    const now = performance.now();
    const silent = now - this.heard.at;
    const { welcome } = this;
    if (welcome !== null && this.connected && silent > welcome.deadline) {
      this.connected = false;
      this.options.onEvent?.('The learner is silent; looking for it again.');
    }
    const patience = (this.options.patience ?? 300) * 1000;
    if (silent > patience)
      this.end({
        error: new LearnerLostError(
          `Nothing was heard of the learner at ${this.options.address} for ${Math.round(silent / 1000)} s. ` +
            'See whether it runs and listens there, and whether both sides have keys of the same pair; a worker may wait longer with --patience.',
        ),
      });
    if (!this.connected) {
      if (now - this.helloAt < HELLO_EVERY * 0.8) return;
      this.helloAt = now;
      void this.socket.send({
        kind: 'hello',
        protocol: PROTOCOL,
        run: welcome?.run ?? null,
        worker: this.name,
        secret: this.options.secret ?? '',
        host: hostname().slice(0, 255),
        pid: process.pid,
      });
    } else if (welcome !== null && now - this.beatAt >= welcome.beat) this.beat(now);
  }

  private beat(now: number): void {
    const span = now - this.beatAt;
    this.beatAt = now;
    const times = this.collector?.times ?? { simulating: 0, acting: 0 };
    const share = (ms: number) => Math.min(1, Math.max(0, ms / span));
    void this.say({
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
    await this.say({ kind: 'leave', reason, text });
  }

  private end(how: { reason: string } | { error: Error }): void {
    this.ended ??= how;
    this.wake();
  }

  /** Resolves when something has changed that the work may have waited for. */
  private change(): Promise<void> {
    return new Promise(done => {
      this.wake = done;
      if (this.ended !== null || this.newest !== null) done();
    });
  }
}

/** A message before its run and connection are written on it. */
type Unaddressed<Message> = Message extends { run: string; session: string } ? Omit<Message, 'run' | 'session'> : never;
