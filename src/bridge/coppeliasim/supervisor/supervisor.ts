import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { closeAll } from '../../../common/close-all.ts';
import { SimulatorLostError, SimulatorStartError } from '../../errors.ts';
import type { Installation } from './installation.ts';
import { InstanceLog } from './instance-log.ts';
import { type Launched, launch } from './launch.ts';
import { backOff, type SupervisorSettings } from './options.ts';
import { releasePort } from './ports.ts';
import { answers, loadScene } from './sign-of-life.ts';

export interface ProcessInfo {
  /** The process group that everything of this instance is in. */
  readonly pid: number;
  readonly port: number;
  readonly executable: string;
  /** 0 for the first start; one more for each one after it. */
  readonly generation: number;
  readonly log: string | undefined;
}

/** What the owner does after each start, such as setting up the scene, before the instance counts as running. */
export type Prepare = (address: string, signal: AbortSignal) => Promise<void>;

interface Events {
  /** It is no longer usable, and is being started again. */
  lost: [reason: SimulatorLostError];
  /** It answers, is loaded and prepared: again, after it was lost. */
  running: [info: ProcessInfo];
  /** The supervisor gave up. */
  failed: [error: SimulatorStartError];
}

type Status = 'starting' | 'running' | 'failed' | 'closed';

/**
 * One CoppeliaSim that is kept running: watched, started again with growing waits when it dies or hangs, its scene
 * loaded anew each time, and gone when this process is.
 *
 * ```ts
 * const supervised = await superviseCoppeliaSim({ scene: 'sawyer.ttt' });
 * const client = await connectRemoteApi({ address: supervised.address });
 * …                                  // SimulatorLostError
 * await supervised.restart();        // the address may be another one now
 * ```
 */
export class SupervisedCoppeliaSim extends EventEmitter<Events> {
  private readonly installation: Installation;
  private readonly settings: SupervisorSettings;
  private readonly prepare: Prepare | undefined;
  private readonly log: InstanceLog;
  private readonly closing = new AbortController();
  private status: Status = 'starting';
  private launched: Launched | undefined;
  private starting: Promise<void> = Promise.resolve();
  private generation = -1;
  private failures = 0;
  private holders = 0;
  private failure: SimulatorStartError | undefined;
  private closed: Promise<void> | undefined;

  /** Use {@link superviseCoppeliaSim}. */
  constructor(installation: Installation, settings: SupervisorSettings, prepare: Prepare | undefined) {
    super();
    this.installation = installation;
    this.settings = settings;
    this.prepare = prepare;
    this.log = new InstanceLog(settings.log);
  }

  /** `tcp://127.0.0.1:PORT`; throws where it is not running now. */
  get address(): string {
    return this.current().address;
  }

  get info(): ProcessInfo {
    const { process, port } = this.current();
    const { executable } = this.installation;
    return { pid: process.pid, port, executable, generation: this.generation, log: this.log.path };
  }

  /** The end of what it printed. */
  logTail(): string {
    return this.log.tail();
  }

  /** Resolves when it is running, at once where it is already. Rejects with what made the supervisor give up. */
  async ready(): Promise<void> {
    while (this.status === 'starting') await this.starting;
    this.current();
  }

  /**
   * Starts it anew and resolves when it is running again.
   *
   * @param since the generation the caller found wanting: where it has been started again since, nothing is done but
   * waiting until it runs.
   * @throws SimulatorStartError where it does not come up.
   */
  async restart(since = this.generation): Promise<void> {
    if (this.status === 'closed') throw this.closedError();
    if (this.status !== 'starting' && since === this.generation) {
      // A supervisor that gave up may be asked to try again.
      if (this.status === 'failed') this.failures = 0;
      this.begin(new SimulatorLostError('CoppeliaSim is started again, as asked.'));
    }
    await this.ready();
  }

  /** Says that it hangs, as seen from outside: a step took too long, say. It is killed and started again. */
  reportHang(reason: string, since = this.generation): void {
    if (this.status === 'running' && since === this.generation)
      this.lose(new SimulatorLostError(`CoppeliaSim on port ${this.current().port} hangs: ${reason}`));
  }

  /**
   * Asks for no sign of life until the returned function is called: for as long as a script of the owner's holds the
   * simulation, CoppeliaSim answers no remote API call, and the owner alone can tell whether it hangs.
   */
  hold(): () => void {
    this.holders++;
    let held = true;
    return () => {
      if (held) this.holders--;
      held = false;
    };
  }

  /** Ends it, and everything it started. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  /** Starts it for the first time. One failure is enough to give up: what is wrong then does not mend itself. */
  async begun(signal: AbortSignal | undefined): Promise<this> {
    signal?.throwIfAborted();
    const onAbort = () => void this.close();
    signal?.addEventListener('abort', onAbort);
    this.starting = this.start();
    try {
      await this.starting;
    } catch (error) {
      await this.close();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
    return this;
  }

  private async end(): Promise<void> {
    this.status = 'closed';
    this.closing.abort();
    await this.starting.catch(() => {});
    await closeAll(() => this.stop(), this.log);
  }

  private current(): Launched {
    if (this.status === 'closed') throw this.closedError();
    if (this.failure !== undefined && this.status === 'failed') throw this.failure;
    if (this.launched === undefined)
      throw new SimulatorLostError('CoppeliaSim is being started again. Wait for it with ready().');
    return this.launched;
  }

  private closedError(): SimulatorLostError {
    return new SimulatorLostError('This CoppeliaSim was closed. Start another one.');
  }

  private lose(reason: SimulatorLostError): void {
    this.begin(reason);
  }

  /** Stops what is there and starts it again, in the background; `starting` is done when that came to an end. */
  private begin(reason: SimulatorLostError): void {
    this.status = 'starting';
    this.failure = undefined;
    this.emit('lost', reason);
    this.starting = this.startAgain(reason);
  }

  private async startAgain(reason: SimulatorLostError): Promise<void> {
    let cause: Error = reason;
    await this.stop();
    while (this.status === 'starting') {
      if (this.failures >= this.settings.maxRestarts) return this.giveUp(cause);
      this.failures++;
      await pause(1000 * backOff(this.settings, this.failures), undefined, { signal: this.closing.signal }).catch(
        () => {},
      );
      if (this.closing.signal.aborted) return;
      try {
        await this.start();
        this.emit('running', this.info);
        return;
      } catch (error) {
        cause = error instanceof Error ? error : new Error(String(error));
      }
    }
  }

  private giveUp(cause: Error): void {
    this.failure = new SimulatorStartError(
      `CoppeliaSim was started again ${this.failures} times in a row and is given up. The last time: ${cause.message}\nIt printed last:\n${this.log.tail()}${this.log.path === undefined ? '' : `\nAll of it is in ${this.log.path}.`}`,
      { cause },
    );
    this.status = 'failed';
    this.emit('failed', this.failure);
  }

  private async start(): Promise<void> {
    const { signal } = this.closing;
    const launched = await launch(this.installation, this.settings, this.log, signal);
    try {
      const { scene, loadTimeout } = this.settings;
      if (scene !== undefined) await loadScene(launched.address, scene, loadTimeout, signal);
      await this.prepare?.(launched.address, signal);
      signal.throwIfAborted();
      if (!launched.process.running())
        throw new SimulatorStartError(
          `CoppeliaSim ended while its scene was loaded. It printed last:\n${this.log.tail()}`,
        );
    } catch (error) {
      await launched.process.stop(1);
      releasePort(launched.port);
      throw error;
    }
    this.launched = launched;
    this.generation++;
    this.status = 'running';
    void this.watch(launched);
  }

  private async stop(): Promise<void> {
    const { launched } = this;
    this.launched = undefined;
    if (launched === undefined) return;
    await launched.process.stop(this.status === 'closed' ? 3 : 1);
    releasePort(launched.port);
  }

  /** Until it is lost: by its end, or by a missing sign of life. */
  private async watch(launched: Launched): Promise<void> {
    const { heartbeatInterval, heartbeatTimeout, stableAfter } = this.settings;
    const current = () => this.status === 'running' && this.launched === launched;
    void launched.process.exited.then(code => {
      if (current())
        this.lose(
          new SimulatorLostError(
            `CoppeliaSim on port ${launched.port} ended with code ${code}. It printed last:\n${this.log.tail()}`,
          ),
        );
    });
    const startedAt = Date.now();
    while (current()) {
      // Unreferenced: watching alone keeps no program alive.
      await pause(1000 * (heartbeatInterval || 1), undefined, { ref: false });
      if (Date.now() - startedAt > 1000 * stableAfter) this.failures = 0;
      if (!current() || heartbeatInterval === 0 || this.holders > 0) continue;
      const alive = await answers(launched.address, heartbeatTimeout, this.closing.signal);
      // Whoever took hold meanwhile is the reason that nothing was answered.
      if (!alive && current() && this.holders === 0)
        this.lose(
          new SimulatorLostError(
            `CoppeliaSim on port ${launched.port} gave no sign of life within ${heartbeatTimeout} s. It printed last:\n${this.log.tail()}`,
          ),
        );
    }
  }
}
