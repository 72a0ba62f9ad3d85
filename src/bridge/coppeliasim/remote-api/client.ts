import { parseOptions } from '../../../common/options.ts';
import { SimulatorLostError } from '../../errors.ts';
import { type BatchCall, type BatchResult, BatchRunner } from './batch.ts';
import { CallQueue, type Deadline } from './call-queue.ts';
import { RemoteApiClosedError } from './errors.ts';
import { constantFrom, moduleFrom, type UntypedModule } from './modules.ts';
import { type RemoteApiOptions, type ResolvedRemoteApiOptions, remoteApiOptions } from './options.ts';
import { RemoteApiSession } from './session.ts';
import type { Sim } from './sim.ts';
import { RequestTransport } from './transport.ts';

export interface CallOptions {
  /** How long the call may take, waiting for its turn included, s; what `connectRemoteApi` was told by default. */
  readonly timeout?: number | undefined;
  /** Aborting it gives the call up, wherever it is; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Within `stepping`: the simulation moves when told, and only then. */
export interface SteppingScope {
  /**
   * Advances the simulation by one step, and resolves when it is done.
   *
   * @throws SimulatorLostError where the connection was lost since, and the steps are not held any more.
   */
  step(options?: CallOptions): Promise<void>;
}

/** How long leaving may take, s: the simulator may be gone already. */
const FAREWELL = 1;

/**
 * Connects to a simulator's ZeroMQ remote API (CoppeliaSim 4.6 and later, or `graspbridge simulator serve`).
 *
 * ```ts
 * const client = await connectRemoteApi();
 * const sim = await client.require('sim');
 * const [x, y, z] = await sim.getObjectPosition(await sim.getObject('/target'));
 * await client.close();
 * ```
 *
 * An open client keeps the process alive: close it.
 *
 * @throws SimulatorTimeoutError where nothing answers in time; ProtocolVersionError where an older simulator does;
 * UsageError for wrong options.
 */
export async function connectRemoteApi(options: RemoteApiOptions = {}): Promise<RemoteApiClient> {
  const resolved = parseOptions(remoteApiOptions, options, 'the remote API client');
  const client = new RemoteApiClient(resolved);
  try {
    await client.call('zmqRemoteApi.require', ['sim'], { timeout: resolved.connectTimeout });
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}

/** A connection to a simulator's remote API. Calls are carried out one at a time, in the order they were made. */
export class RemoteApiClient {
  readonly address: string;
  private readonly options: ResolvedRemoteApiOptions;
  private readonly transport: RequestTransport;
  private readonly session: RemoteApiSession;
  private readonly queue = new CallQueue();
  private readonly batches = new BatchRunner();
  private readonly modules = new Map<string, Promise<unknown>>();
  private readonly constants = new Map<string, number | string | boolean>();
  private keepAlive: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  /** Use `connectRemoteApi`, which waits until the simulator answers. */
  constructor(options: ResolvedRemoteApiOptions) {
    this.options = options;
    this.address = options.address;
    this.transport = new RequestTransport(options);
    this.session = new RemoteApiSession(this.transport, options.clientTimeout);
    process.on('exit', this.onExit);
  }

  /**
   * Calls any function of the simulator by its name, `sim.getObject` say; functions among the arguments become callbacks.
   *
   * Called from within a callback, it goes straight to the simulator, which waits for the callback.
   *
   * @returns all its results, none for one that returns nothing.
   * @throws RemoteApiError where the simulator says that it failed; SimulatorTimeoutError where it takes too long;
   * SimulatorLostError and its kinds where the connection is lost, of which the next call makes a new one; what a callback
   * threw; the signal's reason.
   */
  call(func: string, args: readonly unknown[] = [], options: CallOptions = {}): Promise<unknown[]> {
    return this.inTurn(options, deadline => this.session.converse(func, args, deadline));
  }

  /**
   * The functions and constants of a module of the simulator, `sim` say.
   *
   * Functions resolve to nothing, to their only result, or to the list of their results. What they take and give is typed
   * for the most used ones of `sim`; `call` takes any.
   */
  require(name: 'sim'): Promise<Sim>;
  require<Module extends object = UntypedModule>(name: string): Promise<Module>;
  async require(name: string): Promise<unknown> {
    const known = this.modules.get(name) ?? this.load(name);
    this.modules.set(name, known);
    // What failed once may be there the next time.
    known.catch(() => this.modules.delete(name));
    return known;
  }

  /** The value of one constant, `sim.handle_all` say, without the whole table of its module. Asked for once. */
  async constant(name: string, options: CallOptions = {}): Promise<number | string | boolean> {
    const known = this.constants.get(name);
    if (known !== undefined) return known;
    const value = constantFrom(name, await this.call('zmqRemoteApi.info', [name], options));
    this.constants.set(name, value);
    return value;
  }

  /**
   * Makes many calls in one exchange, in order, none of them stopping the others.
   *
   * The first one puts a small script into the scene; `close` takes it out. Texts and bytes among the results are told
   * apart by what they hold: bytes that are UTF-8 come as text.
   *
   * @throws UsageError for what only a client can do, `sim.step` say, or where functions are among the arguments; what
   * `call` throws where the batch as a whole fails.
   */
  async batch(calls: readonly BatchCall[], options: CallOptions = {}): Promise<BatchResult[]> {
    return this.inTurn(options, deadline =>
      this.batches.run((func, args) => this.session.converse(func, args, deadline), calls),
    );
  }

  /**
   * Holds the simulation, so that it moves by `step` alone, until the body is done or fails; then always lets go.
   *
   * @returns what the body returns.
   */
  async stepping<T>(body: (scope: SteppingScope) => Promise<T>, options: CallOptions = {}): Promise<T> {
    await this.call('sim.setStepping', [true], options);
    const { identity } = this.session;
    const step = async (stepOptions: CallOptions = options) => {
      if (this.session.identity !== identity)
        throw new SimulatorLostError(
          `Stepping the simulation at ${this.address} failed: the connection was lost since it was held. Hold it again.`,
        );
      await this.call('sim.step', [], stepOptions);
    };
    try {
      return await body({ step });
    } finally {
      await this.letGo(identity);
    }
  }

  /**
   * Leaves: what is under way or waits fails with RemoteApiClosedError, and the simulator forgets this client and all that
   * it held. Takes no longer than a few seconds, even where the simulator is gone. Does nothing the second time.
   */
  close(): Promise<void> {
    this.closing ??= this.leave();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async load(name: string): Promise<unknown> {
    // `sim` was required with the first contact.
    if (name !== 'sim') await this.call('zmqRemoteApi.require', [name]);
    const [info] = await this.call('zmqRemoteApi.info', [name]);
    return moduleFrom(name, info, (func, args) => this.call(func, args));
  }

  private async inTurn<T>(
    { timeout = this.options.timeout, signal }: CallOptions,
    task: (deadline: Deadline) => Promise<T>,
  ): Promise<T> {
    if (this.closing !== undefined) throw this.closedError();
    const deadline = { at: performance.now() + timeout * 1000, timeout, signal };
    const queue = this.session.nestedQueue ?? this.queue;
    // Waiting for nothing would take its time, too.
    const turn = queue.enter(deadline);
    if (turn !== undefined) await turn;
    try {
      return await task(deadline);
    } finally {
      queue.leave();
      this.watchSteps();
    }
  }

  /** While steps are held, keeps the simulator from taking silence for absence. */
  private watchSteps(): void {
    const held = this.session.steppingLevel > 0 && this.closing === undefined;
    if (held === (this.keepAlive !== undefined)) return;
    clearInterval(this.keepAlive);
    this.keepAlive = undefined;
    if (!held) return;
    const period = (this.options.clientTimeout * 1000) / 3;
    this.keepAlive = setInterval(() => {
      if (performance.now() - this.session.lastHeard < period / 2) return;
      this.call('sim.getSimulationState').catch(() => {
        // Whoever needs the simulator next will be told.
      });
    }, period);
    this.keepAlive.unref();
  }

  private async letGo(identity: string | null): Promise<void> {
    if (this.closing !== undefined) return;
    if (identity !== null && this.session.identity === identity) await this.call('sim.setStepping', [false]);
    // Another session cannot take back what the lost one held, but it can end it.
    else await this.call('sim.getSimulationState', [], { timeout: FAREWELL }).catch(() => {});
  }

  private async leave(): Promise<void> {
    process.off('exit', this.onExit);
    clearInterval(this.keepAlive);
    const unbroken = !this.transport.busy && this.session.identity !== null;
    this.queue.fail(this.closedError());
    if (this.transport.busy) this.transport.reset(this.closedError());
    const deadline = { at: performance.now() + FAREWELL * 1000, timeout: FAREWELL };
    try {
      if (unbroken) await this.batches.remove((func, args) => this.session.converse(func, args, deadline));
      await this.session.end(FAREWELL);
    } catch {
      // Where the simulator is gone there is nobody to take leave of; else it forgets us after the client timeout.
    }
    this.transport.close();
  }

  /** Nothing can be waited for any more, but a last message can be handed over. */
  private readonly onExit = (): void => {
    const farewell = this.session.farewell();
    if (farewell !== undefined) this.transport.sendLast(farewell);
  };

  private closedError(): RemoteApiClosedError {
    return new RemoteApiClosedError(`Calling the simulator at ${this.address} failed: this client was closed.`);
  }
}
