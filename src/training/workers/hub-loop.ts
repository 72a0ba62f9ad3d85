import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { StateDict } from '../../common/state-dict.ts';
import { CheckpointDamagedError } from '../errors.ts';
import { asList, asNumber, asState } from '../state.ts';
import type { EpisodeResult, TrainingLoop, WorkersStatus } from '../training-loop.ts';
import type { Arrived, HubStart, WorkerHub } from './hub.ts';
import { Load } from './load.ts';
import type { Spaces } from './ranges.ts';
import { describeWorkers } from './status.ts';

export interface HubLoopParts {
  readonly hub: WorkerHub;
  readonly policy: { getWeights(): Promise<StateDict> };
  /** What the workers' environments observe and take. */
  readonly spaces: Spaces;
  readonly signal: AbortSignal | undefined;
  /** Told the name of a worker that sent experience. */
  readonly onWork: (worker: string) => void;
}

/** Reports of updates. */
export type OnUpdate = (metrics: Readonly<Record<string, number>>) => void;

/** Versions go on from here after a restart: workers that outlived it may have seen some that no checkpoint has. */
const RESTART = 2 ** 24;

/**
 * A learner fed by workers: takes what they send in the order it came, learns from it, and hands weights down.
 *
 * Between two messages its state can be taken: what was learned, and how far it has come with each worker, which fit
 * together.
 */
export abstract class HubLoop<Parts extends HubLoopParts> implements TrainingLoop {
  envSteps = 0;
  episodes = 0;
  updates = 0;
  protected readonly parts: Parts;
  protected readonly load = new Load();
  /** Version of the weights published last. */
  protected version = 0;
  private run = randomBytes(9).toString('base64url');
  private ended: EpisodeResult[] = [];
  private started = false;
  private failure: Error | null = null;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  abstract get memoryBytes(): number;
  abstract describeBatch(): string;

  /** What workers are to send, and how they begin; and whatever comes before the first of it. */
  protected abstract prepare(onUpdate: OnUpdate): Promise<Omit<HubStart, 'run'>>;

  /** Takes experience in that was counted, and learns from it if there is enough. */
  protected abstract learnFrom(arrived: Arrived, onUpdate: OnUpdate): Promise<void>;

  /** Publishes new weights where it is time to. */
  protected abstract offer(): Promise<void>;

  /** Whether workers act at random still. */
  protected abstract get actsAtRandom(): boolean;

  /** Ends the training with this error, at the next look. */
  fail(error: Error): void {
    this.failure ??= error;
    this.parts.hub.interrupt();
  }

  async runEpisode(onUpdate: OnUpdate): Promise<EpisodeResult | null> {
    const { hub, signal } = this.parts;
    if (!this.started) {
      this.started = true;
      hub.start({ run: this.run, ...(await this.prepare(onUpdate)) });
      await this.offer();
    }
    for (;;) {
      const episode = this.ended.shift();
      if (episode !== undefined) {
        this.episodes++;
        return episode;
      }
      if (this.failure !== null) throw this.failure;
      if (signal?.aborted) return null;
      const before = performance.now();
      const arrived = hub.take();
      if (arrived === null) {
        await this.wait(onUpdate);
        this.load.add('waiting', performance.now() - before);
        continue;
      }
      this.count(arrived);
      await this.learnFrom(arrived, onUpdate);
      hub.acknowledge(arrived);
      this.load.add('learning', performance.now() - before);
      await this.offer();
      this.load.look(this.envSteps, this.updates);
    }
  }

  /** Until something comes, or the training is to end. */
  protected async wait(_onUpdate: OnUpdate): Promise<void> {
    const { hub, signal } = this.parts;
    const interrupt = () => hub.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    await hub.arrival();
    // A signal may outlive this training, and must not keep it in memory.
    signal?.removeEventListener('abort', interrupt);
  }

  /** Hands the weights down as a new version. */
  protected async publish(): Promise<void> {
    const { hub, policy } = this.parts;
    hub.publish(++this.version, await policy.getWeights());
  }

  /** Environment steps that updates are made for. */
  protected get stepsLearnedFrom(): number {
    return this.envSteps;
  }

  status(): WorkersStatus {
    const { hub } = this.parts;
    const { updates, stepsLearnedFrom: steps } = this;
    return {
      ...describeWorkers(this.load, hub.routes.health(), this.actsAtRandom),
      envStepsPerSecond: this.load.envStepsPerSecond,
      updatesPerSecond: this.load.updatesPerSecond,
      updatesPerStep: steps > 0 ? updates / steps : 0,
      refused: hub.refusals.toJSON(),
      expelled: hub.expulsions.toJSON(),
    };
  }

  async getState(): Promise<StateDict> {
    return {
      envSteps: this.envSteps,
      episodes: this.episodes,
      updates: this.updates,
      run: this.run,
      version: this.version,
      ended: this.ended.map(episode => ({ ...episode })),
      roster: this.parts.hub.roster.getState(),
    };
  }

  async setState(state: StateDict): Promise<void> {
    if (typeof state.run !== 'string' || state.roster === undefined)
      throw new CheckpointDamagedError(
        "Restoring a checkpoint's state failed: it is not of a training with rollout workers. Resume it with the --workers it had.",
      );
    this.envSteps = asNumber(state, 'envSteps');
    this.episodes = asNumber(state, 'episodes');
    this.updates = asNumber(state, 'updates');
    this.run = state.run;
    this.version = asNumber(state, 'version') + RESTART;
    this.ended = asList(state, 'ended').map(value => value as unknown as EpisodeResult); // Written by getState; its checksum was checked.
    this.parts.hub.roster.setState(asState(state, 'roster'));
  }

  stateSaved(): void {
    this.parts.hub.markSaved();
  }

  private count({ worker, seq, steps, episodes }: Arrived): void {
    const { hub, onWork } = this.parts;
    const stream = hub.roster.get(worker);
    if (stream === undefined) throw new TypeError('Experience came from a worker that was forgotten.');
    stream.take(seq);
    this.envSteps += steps;
    for (const [total, length, success, lost] of episodes)
      this.ended.push({ return: total, length, success, ...(lost === '' ? {} : { simulatorLost: lost }) });
    onWork(worker);
  }
}
