import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SimulatorLostError, SimulatorTimeoutError } from '../../errors.ts';
import { CallQueue, type Deadline } from './call-queue.ts';
import { Callbacks, callbackResults, type RemoteCallback } from './callbacks.ts';
import { decodeMessage, encodeMessage } from './codec.ts';
import { parseFailure, RemoteApiError } from './errors.ts';
import { type Reply, readReply, requestMessage, specialNames } from './protocol.ts';
import type { RequestTransport } from './transport.ts';

/** A callback of ours that the simulator waits for: calls from within it are part of the call that led to it. */
interface CallbackFrame {
  readonly queue: CallQueue;
  open: boolean;
}

/** Sessions to be ended that are remembered at most. */
const MAX_LEFT = 8;

/**
 * One client as the simulator knows it, by its uuid, and the conversation that a call is.
 *
 * After a call that got no answer the simulator may still be in the middle of it, and would take the next request of
 * the same uuid for its continuation. So a lost connection ends the session: the next call starts another one, which
 * ends the old one first, and with it whatever steps it held.
 */
export class RemoteApiSession {
  /** Steps held, as `sim.setStepping` counts them. */
  steppingLevel = 0;
  /** When the simulator last heard of us, as `performance.now()` tells time. */
  lastHeard = 0;
  private readonly transport: RequestTransport;
  private readonly clientTimeout: number;
  private readonly callbacks = new Callbacks();
  private readonly frames = new AsyncLocalStorage<CallbackFrame>();
  private openFrames = 0;
  private uuid: string = randomUUID();
  private executed: Uint8Array;
  private greeted = false;
  private generation = 0;
  private left: string[] = [];

  constructor(transport: RequestTransport, clientTimeout: number) {
    this.transport = transport;
    this.clientTimeout = clientTimeout;
    this.executed = this.request(specialNames.executed, []);
  }

  /** Names this session as long as it is the one that calls go to; null before the first answer and once it is lost. */
  get identity(): string | null {
    return this.greeted && this.transport.generation === this.generation ? this.uuid : null;
  }

  /** The queue of calls from within a callback that is running right now, where this is called from one. */
  get nestedQueue(): CallQueue | undefined {
    const frame = this.frames.getStore();
    return frame?.open ? frame.queue : undefined;
  }

  /**
   * Calls a function of the simulator, answering whatever it asks meanwhile.
   *
   * @throws RemoteApiError where the simulator says that it failed; what a callback of ours threw; SimulatorLostError and
   * its kinds where no conversation came about or it broke off.
   */
  async converse(func: string, args: readonly unknown[], deadline: Deadline): Promise<unknown[]> {
    const wire = this.callbacks.toWire(args);
    deadline.signal?.throwIfAborted();
    if (this.openFrames > 0) {
      if (this.transport.generation !== this.generation) throw this.lost(func);
    } else if (this.identity === null) await this.begin(deadline);
    const greeting = this.greeted ? undefined : { timeout: this.clientTimeout };
    const request = encodeMessage(requestMessage(this.uuid, func, wire, greeting));
    const { reply, thrown } = await this.talk(func, request, deadline);
    this.greeted = true;
    if (thrown !== undefined) throw thrown.error;
    if (reply.kind === 'failure') throw new RemoteApiError(func, args, parseFailure(reply.text, func));
    this.countSteps(func, args, reply.values);
    return reply.values;
  }

  /** Leaves: the simulator forgets this client, and those before it that were lost. Waits no longer than told, s. */
  async end(timeout: number): Promise<void> {
    if (this.greeted) this.left.push(this.uuid);
    await this.endLeft({ at: performance.now() + timeout * 1000, timeout });
  }

  /** What to send where there is no time to wait for anything; undefined where the simulator does not know us. */
  farewell(): Uint8Array | undefined {
    return this.greeted ? this.request(specialNames.end, []) : undefined;
  }

  /** Starts a session: the first one, or another where the connection was lost since the last call. */
  private async begin(deadline: Deadline): Promise<void> {
    if (this.greeted) {
      this.left = [...this.left, this.uuid].slice(-MAX_LEFT);
      this.uuid = randomUUID();
      this.executed = this.request(specialNames.executed, []);
      this.greeted = false;
      this.steppingLevel = 0;
    }
    await this.endLeft(deadline);
    this.generation = this.transport.generation;
  }

  private async endLeft({ at, timeout, signal }: Deadline): Promise<void> {
    for (let uuid = this.left[0]; uuid !== undefined; uuid = this.left[0]) {
      const request = encodeMessage(requestMessage(uuid, specialNames.end, []));
      await this.transport.exchange(request, { timeout: remaining(at, timeout), signal });
      this.left.shift();
    }
  }

  /** Exchanges messages until the simulator has results, or a failure, to tell. */
  private async talk(func: string, first: Uint8Array, { at, timeout, signal }: Deadline) {
    const { generation } = this.transport;
    let request = first;
    let repeats = 0;
    let thrown: { readonly error: unknown } | undefined;
    let end = at;
    try {
      for (;;) {
        const bytes = await this.transport.exchange(request, { timeout: remaining(end, timeout), signal });
        this.lastHeard = performance.now();
        const reply = readReply(decodeMessage(bytes));
        if (reply.kind === 'results' || reply.kind === 'failure') return { reply, thrown };
        if (reply.kind === 'wait') request = this.executed;
        // The same request again; the simulator is inside a call of somebody else's, which may take a while.
        else if (reply.kind === 'repeat') await pause(Math.min(repeats++, 10), undefined, { signal });
        else {
          const start = performance.now();
          request = this.request(specialNames.executed, []);
          // One that failed has no results; its error goes to whoever made the call, once the simulator is through.
          try {
            if (thrown === undefined) request = this.request(specialNames.executed, await this.callBack(reply));
          } catch (error) {
            thrown = { error };
          }
          end += performance.now() - start;
        }
        if (this.transport.generation !== generation) throw this.lost(func);
      }
    } catch (error) {
      // Whatever it was, the simulator may still be waiting for our part of the conversation. Where the connection is lost
      // already, somebody else may be using the next one.
      if (this.transport.generation === generation)
        this.transport.reset(new SimulatorLostError(`Calling ${func} failed: the conversation broke off.`));
      throw signal?.aborted ? signal.reason : error;
    }
  }

  /** Calls a function of ours; what it calls in turn goes straight to the simulator, which waits for us. */
  private async callBack({ name, args }: Reply & { kind: 'callback' }): Promise<readonly unknown[]> {
    const callback: RemoteCallback | undefined = this.callbacks.get(name);
    // The simulator may name functions of other clients; the official clients answer with nothing, too.
    if (callback === undefined) return [];
    const frame: CallbackFrame = { queue: new CallQueue(), open: true };
    this.openFrames++;
    try {
      return callbackResults(await this.frames.run(frame, () => callback(...args)));
    } finally {
      frame.open = false;
      // Following contexts slows every promise of the process down: only as long as it is needed.
      if (--this.openFrames === 0) this.frames.disable();
    }
  }

  private lost(func: string): SimulatorLostError {
    return new SimulatorLostError(
      `Calling ${func} failed: the connection to ${this.transport.address} was lost before it was through.`,
    );
  }

  private request(func: string, args: readonly unknown[]): Uint8Array {
    return encodeMessage(requestMessage(this.uuid, func, args));
  }

  /** Keeps count as the simulator does: stopping the simulation lets go of all steps. */
  private countSteps(func: string, [enable]: readonly unknown[], [before]: readonly unknown[]): void {
    if (func === 'sim.stopSimulation') this.steppingLevel = 0;
    if (func !== 'sim.setStepping' || typeof before !== 'number') return;
    this.steppingLevel = enable ? before + 1 : Math.max(0, before - 1);
  }
}

/** Seconds left until then. */
function remaining(at: number, timeout: number): number {
  const left = (at - performance.now()) / 1000;
  if (left > 0) return left;
  throw new SimulatorTimeoutError(
    `Calling the simulator failed: it was not done within ${timeout} s, though it answered meanwhile. Another client may hold its steps; or allow more time.`,
  );
}
