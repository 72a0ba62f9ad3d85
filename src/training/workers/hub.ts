import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { oneLine } from '../../common/one-line.ts';
import type { StateDict } from '../../common/state-dict.ts';
import {
  type Experience,
  encodeState,
  floatsOf,
  type Hello,
  LearnerSocket,
  MessageRefused,
  PROTOCOL,
  type Received,
  type RefusalReason,
  Refusals,
  type UpMessage,
} from '../bus/index.ts';
import { EarlyHellos, rejectionOf } from './admission.ts';
import { DelayMeter } from './delay-meter.ts';
import { checkExperience } from './experience-check.ts';
import { Expulsions } from './expulsions.ts';
import type { Arrived, HubOptions, HubStart } from './hub-types.ts';
import { splitColumns } from './layout.ts';
import { checkWeightsFit } from './message-sizes.ts';
import { checkRanges } from './ranges.ts';
import { Roster } from './roster.ts';
import { MAX_ROUTES, type Route, Routes } from './routes.ts';

export type { Arrived, Departure, HubOptions, HubStart, WorkerHealth, WorkerInfo } from './hub-types.ts';

/** Reasons for which a worker that was welcomed is expelled: no worker of this program sends such messages. */
const EXPELLING: ReadonlySet<RefusalReason> = new Set(['garbage', 'oversized', 'out of range']);

/**
 * The learner's side of the bus: welcomes workers, takes each message once and in order, and hands weights down.
 *
 * A worker is known by its own name through all its connections; a connection by the token it was welcomed with, so
 * that a message played back, or of another run, is none. One who sends what no worker sends is expelled.
 */
export class WorkerHub {
  readonly refusals: Refusals;
  readonly expulsions = new Expulsions();
  readonly roster = new Roster();
  /** Who is connected, and how they do. */
  readonly routes = new Routes();
  private readonly options: HubOptions;
  private readonly socket: LearnerSocket;
  private readonly early = new EarlyHellos(MAX_ROUTES);
  private readonly queue: Arrived[] = [];
  /** Messages in the queue, by worker. */
  private readonly queued = new Map<string, number>();
  private started: HubStart | null = null;
  private random = true;
  private dismissed = false;
  private newest: ({ readonly version: number } & ReturnType<typeof encodeState>) | null = null;
  private readonly delays = new DelayMeter();
  private wake: () => void = () => {};
  private readonly ticking: NodeJS.Timeout;
  private tickedAt = performance.now();

  private constructor(socket: LearnerSocket, refusals: Refusals, options: HubOptions) {
    this.socket = socket;
    this.refusals = refusals;
    this.options = options;
    this.ticking = setInterval(() => this.tick(), options.beat);
  }

  /** Listens; workers are welcomed from `start` on. Throws BusAddressError. */
  static async open(options: HubOptions): Promise<WorkerHub> {
    const { address, keys } = options;
    const refusals = new Refusals(options.onWarning);
    let hub: WorkerHub | null = null;
    const socket = await LearnerSocket.bind({
      ...(address === undefined ? {} : { address }),
      ...(keys === undefined ? {} : { keys }),
      refusals,
      onMessage: (route, received) => hub?.hear(route, received),
      onRefused: (route, error) => hub?.judge(route, error),
    });
    hub = new WorkerHub(socket, refusals, options);
    return hub;
  }

  /** Where workers connect to, from elsewhere and from this machine. */
  get addresses(): { readonly address: string; readonly localAddress: string } {
    return this.socket;
  }

  /** Welcomes workers from now on. */
  start(start: HubStart): void {
    this.started = start;
    this.random = start.random;
    for (const [route, hello] of this.early.take())
      try {
        this.greet(route, hello);
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error;
        this.refusals.count(error.reason, error.message);
      }
  }

  /** The oldest experience that arrived; null where there is none. It is the caller's to add and to acknowledge. */
  take(): Arrived | null {
    const arrived = this.queue.shift();
    if (arrived === undefined) return null;
    const left = (this.queued.get(arrived.worker) ?? 1) - 1;
    if (left > 0) this.queued.set(arrived.worker, left);
    else this.queued.delete(arrived.worker);
    return arrived;
  }

  /** Resolves when experience arrives, or at the next call of `interrupt`. */
  async arrival(): Promise<void> {
    if (this.queue.length > 0) return;
    await new Promise<void>(done => {
      this.wake = done;
    });
  }

  /** Ends a wait for experience. */
  interrupt(): void {
    this.wake();
  }

  /** Makes room for more of that worker: what it sent was learned from. */
  acknowledge({ worker }: Arrived): void {
    for (const route of this.routes.ofWorker(worker)) this.sendAck(route);
  }

  /** The state that was taken last is on disk: workers may forget what it holds. */
  markSaved(): void {
    this.roster.markSaved();
    for (const route of this.routes) this.sendAck(route);
  }

  /** Newer weights for all; who still gets older ones gets these right after, and none between. */
  publish(version: number, weights: StateDict): void {
    const encoded = encodeState(weights);
    checkWeightsFit(encoded.frames);
    this.newest = { version, ...encoded };
    if (this.routes.size > 0) this.delays.depart(version);
    this.random = false;
    for (const route of this.routes) this.sendWeights(route);
  }

  /** How long the last published weights took until all workers used them, or newer ones, ms; oldest first. */
  get weightsDelays(): readonly number[] {
    return this.delays.delays;
  }

  /** Measures {@link weightsDelays} anew. */
  forgetDelays(): void {
    this.delays.forget();
  }

  /** Closes the connections of a worker whose process ended. */
  forget(worker: string): void {
    for (const route of this.routes.ofWorker(worker)) this.routes.close(route);
  }

  /** Sends everybody home. */
  dismiss(text: string): void {
    if (this.started === null) return;
    const { run } = this.started;
    for (const { name, session } of this.routes) void this.socket.send(name, { kind: 'bye', run, session, text });
    this.routes.clear();
    this.dismissed = true;
  }

  async close(): Promise<void> {
    clearInterval(this.ticking);
    this.dismiss('the training is over');
    this.wake();
    await this.socket.close();
  }

  private hear(name: string, { message, payload }: Received<UpMessage>): void {
    // What was on its way when everybody was sent home.
    if (this.dismissed) return;
    if (message.kind === 'hello') {
      this.greet(name, message);
      return;
    }
    const route = this.routes.get(name);
    if (this.started === null || message.run !== this.started.run)
      throw new MessageRefused('foreign run', `it is of the run ${oneLine(message.run, 64)}.`);
    if (route === undefined || route.session !== message.session) {
      // A worker whose connection broke, or who was thought gone: it only has to say hello again.
      if (route === undefined) void this.socket.send(name, { kind: 'unknown' });
      throw new MessageRefused('unknown session', `a message "${message.kind}" came over a connection not welcomed.`);
    }
    route.heardAt = performance.now();
    if (message.kind === 'experience') this.receive(route, message, payload[0] as Uint8Array);
    else if (message.kind === 'beat') route.beat = message;
    else if (message.kind === 'got') {
      route.weights = message.version;
      route.sending = 0;
      this.delays.arrive(this.routes.oldestWeights ?? 0);
      this.sendWeights(route);
    } else {
      this.routes.close(route);
      this.options.onLost(route.info, message.reason, oneLine(message.text, 2000));
    }
  }

  /** Expels the worker of a connection that sent a message that no worker sends. */
  private judge(name: string, error: MessageRefused): void {
    const route = this.routes.get(name);
    if (route === undefined || !EXPELLING.has(error.reason)) return;
    const reason = oneLine(error.message, 500);
    for (const { name: connection } of this.routes.ofWorker(route.worker))
      void this.socket.send(connection, { kind: 'refused', text: `it was expelled: ${reason}` });
    this.forget(route.worker);
    this.expulsions.add(route.info, reason);
    this.options.onLost(route.info, 'expelled', reason);
  }

  private greet(name: string, hello: Hello): void {
    const { started } = this;
    const expelled = this.expulsions.reasonFor(hello.worker);
    if (expelled !== null) {
      void this.socket.send(name, { kind: 'refused', text: `it was expelled: ${expelled}` });
      throw new MessageRefused('expelled', 'a worker that was expelled asked to join again.');
    }
    const rejection = rejectionOf(hello, this.options.secret, started?.run ?? null);
    if (rejection !== null) {
      void this.socket.send(name, { kind: 'refused', text: rejection.told });
      throw rejection.refused;
    }
    if (started === null) {
      this.early.add(name, hello);
      return;
    }
    // Repeated while the welcome was on its way: one is enough.
    const known = this.routes.get(name);
    if (known?.worker === hello.worker) {
      known.heardAt = performance.now();
      return;
    }
    if (this.routes.size >= MAX_ROUTES) throw new MessageRefused('unauthorized', 'too many workers are connected.');
    this.welcome(name, hello);
  }

  private welcome(name: string, hello: Hello): void {
    const { run, layout } = this.started as HubStart; // The callers made sure.
    const { job, seed, chunk, window, retain, beat, deadline } = this.options;
    const stays = (worker: string) => this.queued.has(worker) || this.routes.ofWorker(worker).length > 0;
    const stream = this.roster.enlist(hello.worker, stays);
    const session = randomBytes(9).toString('base64url');
    const { index } = stream;
    const info = { name: hello.worker, index, host: oneLine(hello.host, 100), pid: hello.pid };
    const route = this.routes.open({ name, worker: hello.worker, session, info, stream });
    void this.socket.send(name, {
      kind: 'welcome',
      protocol: PROTOCOL,
      ...{ run, session, index, random: this.random, job, chunk, window, retain, beat, deadline },
      layout: layout.map(({ name, width }) => ({ name, width })),
      // Seeds of its own for each worker: the generator takes in 53 bits.
      seed: (seed % 2 ** 32) + ((index + 1) % 2 ** 20) * 2 ** 32,
      received: stream.received,
    });
    this.sendWeights(route);
  }

  private receive(route: Route, message: Experience, payload: Uint8Array): void {
    const { window, job } = this.options;
    const { layout } = this.started as HubStart; // Or the connection had not been welcomed.
    const { stream, worker } = route;
    checkExperience(message, job, window);
    const columns = splitColumns(floatsOf(payload), message.rows, layout);
    checkRanges(columns, layout);
    const waiting = this.queued.get(worker) ?? 0;
    // Nobody who keeps to the window has so many under way; what is not taken now would be sent again.
    if (waiting > window) throw new MessageRefused('no room', 'a worker sends more than there is room for.');
    const arrival = stream.arrive(message.seq, message.oldest);
    if (arrival !== 'next') {
      this.sendAck(route, arrival === 'gap');
      return;
    }
    const { seq, steps, rows, weights, episodes } = message;
    route.envSteps += steps;
    this.queued.set(worker, waiting + 1);
    this.queue.push({ worker, seq, steps, rows, weights, episodes, columns });
    this.wake();
  }

  private sendAck({ name, session, stream }: Route, gap = false): void {
    if (this.started === null) return;
    const { accepted, received, durable } = stream;
    void this.socket.send(name, { kind: 'ack', run: this.started.run, session, accepted, received, durable, gap });
  }

  private sendWeights(route: Route): void {
    const { newest, started } = this;
    if (newest === null || started === null || route.sending > 0 || route.weights >= newest.version) return;
    route.sending = newest.version;
    const { version, tree, arrays, frames } = newest;
    void this.socket
      .send(route.name, { kind: 'weights', run: started.run, session: route.session, version, tree, arrays }, frames)
      .then(sent => {
        // The next tick tries again.
        if (!sent && route.sending === version) route.sending = 0;
      });
  }

  /** Tells every worker that the learner lives, and gives up those who are silent. */
  private tick(): void {
    const now = performance.now();
    // A learner that stood still itself heard nobody meanwhile, and what came lies unread.
    const still = Math.max(0, now - this.tickedAt - 2 * this.options.beat);
    this.tickedAt = now;
    for (const route of this.routes) {
      route.heardAt += still;
      if (now - route.heardAt <= this.options.deadline) {
        this.sendAck(route);
        this.sendWeights(route);
        continue;
      }
      this.routes.close(route);
      // A connection that broke is no loss where its worker has another one by now.
      if (this.routes.ofWorker(route.worker).length === 0) this.options.onLost(route.info, 'silent', '');
    }
  }
}
