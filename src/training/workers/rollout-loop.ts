import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { OnPolicy, SampleBatch } from '../../agents/index.ts';
import type { StateDict } from '../../common/state-dict.ts';
import { describeColumns } from '../batch-statistics.ts';
import { CheckpointDamagedError, TrainingDivergedError } from '../errors.ts';
import { rolloutBytes } from '../on-policy.ts';
import { asList, asNumber, asState } from '../state.ts';
import type { EpisodeResult, TrainingLoop, WorkersStatus } from '../training-loop.ts';
import type { Arrived, WorkerHub } from './hub.ts';
import { Load } from './load.ts';
import { batchOf, rolloutLayout } from './rollout-columns.ts';
import { describeWorkers } from './status.ts';

export interface RolloutLoopParts {
  readonly hub: WorkerHub;
  readonly policy: OnPolicy;
  /** How long training lasts, for schedules. */
  readonly totalSteps: number;
  readonly signal: AbortSignal | undefined;
  /** Told of a worker's process that sent a rollout. */
  readonly onWork: (pid: number) => void;
  /** How long a batch waits for a share that may never come, ms; 10,000 by default. */
  readonly patience?: number;
}

/** Versions go on from here after a restart: workers that outlived it may have seen some that no checkpoint has. */
const RESTART = 2 ** 24;

/**
 * On-policy learning from rollout workers: each makes its share of a batch with the newest weights, the batch is
 * learned from when it is whole, and the weights that come of it begin the next.
 *
 * A rollout of older weights is counted and not learned from. Where a worker is gone for good, the others' share of a
 * batch is learned from after a while. What of a batch had come when a training ended is not
 * kept: it begins anew with the next.
 */
export class RolloutLoop implements TrainingLoop {
  envSteps = 0;
  readonly memory = 'rollout';
  episodes = 0;
  updates = 0;
  private run = randomBytes(9).toString('base64url');
  private version = 0;
  private arrived: Arrived[] = [];
  private ended: EpisodeResult[] = [];
  private started = false;
  private failure: Error | null = null;
  private last: SampleBatch | null = null;
  private readonly load = new Load();
  private readonly parts: RolloutLoopParts;

  constructor(parts: RolloutLoopParts) {
    this.parts = parts;
    parts.signal?.addEventListener('abort', () => parts.hub.interrupt(), { once: true });
  }

  get memoryBytes(): number {
    return rolloutBytes(this.parts.policy);
  }

  describeBatch(): string {
    return describeColumns(this.last?.columns ?? {});
  }

  /** Ends the training with this error, at the next look. */
  fail(error: Error): void {
    this.failure ??= error;
    this.parts.hub.interrupt();
  }

  /** A worker stopped because its environment returned what is not finite. */
  diverged(text: string): void {
    this.fail(new TrainingDivergedError(text));
  }

  async runEpisode(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<EpisodeResult | null> {
    const { hub, policy, signal } = this.parts;
    if (!this.started) {
      this.started = true;
      hub.start({ run: this.run, random: false, layout: await rolloutLayout(policy) });
      hub.publish(++this.version, await policy.getWeights());
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
        await this.wait();
        const waited = performance.now() - before;
        this.load.add('waiting', waited);
        if (waited >= this.patience && this.everyoneWaits()) await this.learn(onUpdate);
        continue;
      }
      this.add(arrived);
      if (this.arrived.reduce((sum, { rows }) => sum + rows, 0) >= policy.rollout.timestepsPerBatch)
        await this.learn(onUpdate);
      hub.acknowledge(arrived);
      this.load.add('learning', performance.now() - before);
      this.load.look(this.envSteps, this.updates);
    }
  }

  private get patience(): number {
    return this.parts.patience ?? 10_000;
  }

  /** Until something comes, or patience is at an end. */
  private async wait(): Promise<void> {
    const { hub } = this.parts;
    const timer = setTimeout(() => hub.interrupt(), this.patience + 1);
    await hub.arrival();
    clearTimeout(timer);
  }

  /** Whether all workers that live have made their share: then a batch that lacks one that is gone is all there is. */
  private everyoneWaits(): boolean {
    const { hub } = this.parts;
    const made = new Set(this.arrived.map(({ worker }) => hub.roster.get(worker)?.index));
    const health = hub.routes.health();
    return made.size > 0 && health.length > 0 && health.every(({ index }) => made.has(index));
  }

  status(): WorkersStatus {
    const { hub } = this.parts;
    return {
      ...describeWorkers(this.load, hub.routes.health(), false),
      envStepsPerSecond: this.load.envStepsPerSecond,
      updatesPerSecond: this.load.updatesPerSecond,
      updatesPerStep: this.envSteps > 0 ? this.updates / this.envSteps : 0,
      refused: hub.refusals.toJSON(),
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
      policy: await this.parts.policy.getState(),
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
    this.ended = asList(state, 'ended').map(value => value as unknown as EpisodeResult); // Written by getState.
    await this.parts.policy.setState(asState(state, 'policy'));
    this.parts.hub.roster.setState(asState(state, 'roster'));
  }

  stateSaved(): void {
    this.parts.hub.markSaved();
  }

  private add(arrived: Arrived): void {
    const { hub, onWork } = this.parts;
    const { worker, seq, steps, rows, weights, episodes } = arrived;
    hub.roster.get(worker)?.take(seq);
    this.envSteps += steps;
    for (const [total, length, success, lost] of episodes)
      this.ended.push({ return: total, length, success, ...(lost === '' ? {} : { simulatorLost: lost }) });
    if (weights === this.version && rows > 0) this.arrived.push(arrived);
    const pid = hub.routes.processOf(worker);
    if (pid !== null) onWork(pid);
  }

  private async learn(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<void> {
    const { hub, policy, totalSteps } = this.parts;
    // Whoever came first: the same rollouts are then the same batch.
    const parts = [...this.arrived].sort((a, b) => (a.worker < b.worker ? -1 : 1));
    this.arrived = [];
    this.last = batchOf(parts);
    policy.onProgress?.(this.envSteps, totalSteps);
    const metrics = await policy.learnOnBatch(this.last);
    onUpdate(metrics);
    this.updates += metrics.gradientSteps ?? 1;
    hub.publish(++this.version, await policy.getWeights());
  }
}
