import { onTestFinished } from 'vitest';
import { type Context, Dealer } from 'zeromq';
import { decodeDown } from '../../../src/training/bus/codec.ts';
import {
  type BusKeys,
  type DownMessage,
  encodeEnvelope,
  PROTOCOL,
  type Welcome,
} from '../../../src/training/bus/index.ts';
import { type HubOptions, WorkerHub } from '../../../src/training/workers/hub.ts';

export const LAYOUT = [{ name: 'x', width: 2, ranges: [{ low: -1e6, high: 1e6 }] }];

export const HELLO = {
  kind: 'hello',
  protocol: PROTOCOL,
  run: null as string | null,
  worker: 'bare',
  secret: 'secret',
  host: 'here',
  pid: 1,
};

/** A hub that listens on this machine, and what it warned of. */
export async function openHub(more: Partial<HubOptions> = {}) {
  const warnings: string[] = [];
  const lost: string[] = [];
  const hub = await WorkerHub.open({
    secret: 'secret',
    job: {
      ...{ env: 'Point-v0', envOptions: {}, simulator: 'mujoco', simulatorOptions: {}, algorithm: 'sac' },
      ...{ agentOptions: {}, backend: 'onnx', maxEpisodeSteps: 100, envs: 1 },
    },
    ...{ seed: 1, chunk: 4, window: 8, retain: 1 << 20, beat: 100, deadline: 60_000 },
    onWarning: message => warnings.push(message),
    onLost: ({ index }, how) => lost.push(`${index} ${how}`),
    ...more,
  });
  onTestFinished(() => hub.close());
  return { hub, warnings, lost, address: hub.addresses.localAddress };
}

/** The worker's side of the protocol, message by message. */
export class BareWorker {
  readonly heard: DownMessage[] = [];
  private readonly socket: Dealer;
  private waiting: (() => void)[] = [];

  constructor(address: string, keys?: BusKeys, context?: Context) {
    this.socket = new Dealer({
      linger: 0,
      ...(context === undefined ? {} : { context }),
      ...(keys === undefined
        ? {}
        : { curveServerKey: keys.peerPublicKey, curveSecretKey: keys.secretKey, curvePublicKey: keys.publicKey }),
    });
    this.socket.connect(address);
    void this.listen();
    onTestFinished(() => this.socket.close());
  }

  /** Sends an object as an envelope, or bytes as they are. */
  async send(message: object | Buffer, ...payload: Uint8Array[]): Promise<void> {
    // The tests send what no worker would.
    const envelope = Buffer.isBuffer(message) ? message : encodeEnvelope(message as never);
    await this.socket.send([envelope, ...payload]);
  }

  /** The first message of that kind heard so far or from now on, which is then forgotten; fails after some seconds. */
  async next<Kind extends DownMessage['kind']>(
    kind: Kind,
    fits: (message: Extract<DownMessage, { kind: Kind }>) => boolean = () => true,
  ): Promise<Extract<DownMessage, { kind: Kind }>> {
    const until = Date.now() + 60_000;
    for (;;) {
      // The kind was compared, which the type of a list's elements does not follow.
      const index = this.heard.findIndex(message => message.kind === kind && fits(message as never));
      if (index >= 0) return this.heard.splice(index, 1)[0] as Extract<DownMessage, { kind: Kind }>;
      if (Date.now() > until) throw new Error(`No ${kind} came; heard ${JSON.stringify(this.heard).slice(0, 500)}.`);
      await new Promise<void>(done => {
        this.waiting.push(done);
        setTimeout(done, 100);
      });
    }
  }

  async join(more: object = {}): Promise<Welcome> {
    await this.send({ ...HELLO, ...more });
    return this.next('welcome');
  }

  close(): void {
    this.socket.close();
  }

  private async listen(): Promise<void> {
    for await (const frames of this.socket) {
      this.heard.push(decodeDown(frames).message);
      for (const done of this.waiting.splice(0)) done();
    }
  }
}

/** A message with one row per step. */
export function experience({ run, session }: Welcome, seq: number, more: object = {}) {
  return { kind: 'experience', run, session, seq, oldest: 1, steps: 4, rows: 1, weights: 0, episodes: [], ...more };
}

/** One row of the layout. */
export function row(a: number, b: number): Uint8Array {
  return new Uint8Array(Float32Array.of(a, b).buffer);
}

/** Waits until it holds; fails after some seconds. */
export async function until(holds: () => boolean, what: string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise(done => setTimeout(done, 20));
  }
}
