import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { oneLine } from '../../common/one-line.ts';
import {
  type Ack,
  type BusKeys,
  type DownMessage,
  LearnerLostError,
  PROTOCOL,
  type Received,
  Refusals,
  type UpMessage,
  type Welcome,
  WorkerRefusedError,
  WorkerSocket,
} from '../bus/index.ts';

export interface LearnerLinkOptions {
  /** Where the learner listens: `tcp://host:port`. */
  readonly address: string;
  readonly keys?: BusKeys;
  /** What joining takes where there are no keys. */
  readonly secret?: string;
  /** Its name on the bus, which nobody else may have; drawn at random by default. */
  readonly name?: string;
  /** How long it goes on looking for a learner that is silent, s; 300 by default. */
  readonly patience?: number;
  /** Told when the learner is lost, and found again. */
  readonly onEvent?: (message: string) => void;
}

/** What comes from the learner. */
export interface LearnerListener {
  /** The learner knows this worker now, for the first time or once more. */
  welcomed(welcome: Welcome): void;
  acknowledged(ack: Ack): void;
  /** Newer weights, not yet decoded. */
  weights(message: WeightsMessage, payload: readonly Uint8Array[]): void;
  /** The work is over, by the learner's word or for an error. */
  ended(how: WorkEnd): void;
}

export type WorkEnd = { readonly reason: string } | { readonly error: Error };
export type WeightsMessage = Extract<DownMessage, { kind: 'weights' }>;
/** A message before its run and connection are written on it. */
export type Unaddressed<Message> = Message extends { run: string; session: string }
  ? Omit<Message, 'run' | 'session'>
  : never;

/** A learner that has not answered for so long, ms, is worth a word. */
const COMPLAIN_AFTER = 5_000;

/** Between two hellos, ms. */
const HELLO_EVERY = 250;

/**
 * A worker's connection to its learner: it says hello until it is welcomed, notices when the learner falls silent, and
 * looks for it again, under the same name each time.
 */
export class LearnerLink {
  /** What the learner said when it last welcomed this worker; null before. */
  welcome: Welcome | null = null;
  /** Whether the learner knows this connection. */
  connected = false;
  private readonly options: LearnerLinkOptions;
  private readonly listener: LearnerListener;
  private readonly name: string;
  private readonly socket: WorkerSocket;
  private readonly ticking: NodeJS.Timeout;
  private heardAt = performance.now();
  private tickedAt = performance.now();
  private complained = false;
  private helloAt = Number.NEGATIVE_INFINITY;

  constructor(options: LearnerLinkOptions, listener: LearnerListener) {
    this.options = options;
    this.listener = listener;
    this.name = options.name ?? randomBytes(12).toString('hex');
    const { address, keys, onEvent = () => {} } = options;
    this.socket = new WorkerSocket({
      address,
      ...(keys === undefined ? {} : { keys }),
      refusals: new Refusals(onEvent),
      onMessage: received => this.hear(received),
    });
    this.ticking = setInterval(() => this.tick(), HELLO_EVERY);
  }

  /** Sends a message of this connection. Returns whether it went out. */
  async say(message: Unaddressed<UpMessage>, payload: readonly Uint8Array[] = []): Promise<boolean> {
    if (this.welcome === null || !this.connected) return false;
    const { run, session } = this.welcome;
    return this.socket.send({ ...message, run, session } as UpMessage, payload); // The two fields it was left without.
  }

  /** Looks whether the learner is still there, and says hello where it is not; done by itself four times a second. */
  tick(): void {
    const now = performance.now();
    // A worker that stood still itself heard nothing meanwhile, and what came lies unread.
    this.heardAt += Math.max(0, now - this.tickedAt - 2 * HELLO_EVERY);
    this.tickedAt = now;
    const silent = now - this.heardAt;
    const { welcome } = this;
    const { address, patience = 300, onEvent } = this.options;
    if (welcome !== null && this.connected && silent > welcome.deadline) {
      this.connected = false;
      onEvent?.('The learner is silent; looking for it again.');
    }
    if (welcome === null && !this.complained && silent > COMPLAIN_AFTER) {
      this.complained = true;
      onEvent?.(
        `No answer from ${address} yet; still trying. See whether the learner runs and listens there, and whether the keys belong together.`,
      );
    }
    if (silent > patience * 1000)
      this.listener.ended({
        error: new LearnerLostError(
          `Nothing was heard of the learner at ${address} for ${Math.round(silent / 1000)} s. ` +
            'See whether it runs and listens there, and whether both sides have keys of the same pair; a worker may wait longer with --patience.',
        ),
      });
    if (this.connected || now - this.helloAt < HELLO_EVERY * 0.8) return;
    this.helloAt = now;
    void this.socket.send({
      ...{ kind: 'hello', protocol: PROTOCOL, run: welcome?.run ?? null, worker: this.name },
      ...{ secret: this.options.secret ?? '', host: hostname().slice(0, 255), pid: process.pid },
    });
  }

  async close(): Promise<void> {
    clearInterval(this.ticking);
    await this.socket.close();
  }

  private hear({ message, payload }: Received<DownMessage>): void {
    const { listener } = this;
    if (message.kind === 'unknown') {
      this.connected = false;
      this.tick();
      return;
    }
    if (message.kind === 'refused') {
      this.refuse(`The learner at ${this.options.address} refused this worker: ${oneLine(message.text)}`);
      return;
    }
    if (message.kind === 'welcome') {
      this.beWelcomed(message);
      return;
    }
    // Of another run, or meant for an earlier connection: nothing for us.
    if (message.run !== this.welcome?.run || message.session !== this.welcome.session) return;
    this.heardAt = performance.now();
    this.connected = true;
    if (message.kind === 'ack') listener.acknowledged(message);
    else if (message.kind === 'bye') listener.ended({ reason: oneLine(message.text) });
    else listener.weights(message, payload);
  }

  private beWelcomed(welcome: Welcome): void {
    const { onEvent, address } = this.options;
    if (this.welcome !== null && this.welcome.run !== welcome.run) {
      this.refuse(`Another run is trained at ${address} now. This worker's own run is over; start a new worker.`);
      return;
    }
    onEvent?.(`Connected to the learner${this.welcome === null ? ` at ${address}` : ' again'}.`);
    this.heardAt = performance.now();
    this.welcome = welcome;
    this.connected = true;
    this.listener.welcomed(welcome);
  }

  private refuse(text: string): void {
    this.listener.ended({ error: new WorkerRefusedError(text) });
  }
}
