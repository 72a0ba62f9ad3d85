import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { ReplayBuffer } from '../../agents/index.ts';
import type { Random } from '../../common/random.ts';
import { randomFromState, randomToState } from '../../common/random-state.ts';
import type { StateDict } from '../../common/state-dict.ts';
import { describeBatch } from '../batch-statistics.ts';
import type { Demonstrations } from '../demonstrations/index.ts';
import { CheckpointDamagedError, TrainingDivergedError } from '../errors.ts';
import type { BatchLearner } from '../learner.ts';
import { asNumber, asState } from '../state.ts';
import type { EpisodeResult, TrainingLoop, WorkersStatus } from '../training-loop.ts';
import type { Arrived, WorkerHub } from './hub.ts';
import { asTransitions, transitionLayout } from './layout.ts';
import { Load } from './load.ts';
import { describeWorkers } from './status.ts';

export interface WorkerLoopParts {
  readonly hub: WorkerHub;
  readonly policy: BatchLearner;
  readonly replay: ReplayBuffer;
  /** What is learned from beside the replay buffer; null for nothing. */
  readonly demonstrations: Demonstrations | null;
  /** Draws batches. */
  readonly random: Random;
  /** Steps with uniformly random actions, and without updates, at the beginning. */
  readonly randomSteps: number;
  /** Update-to-data ratio. */
  readonly updatesPerStep: number;
  readonly signal: AbortSignal | undefined;
  /** Told of a worker's process that sent experience. */
  readonly onWork: (pid: number) => void;
}

/** Between two publications of the weights, ms: a tenth of what a slow worker notices, and little work. */
const PUBLISH_EVERY = 10;

/**
 * Off-policy learning from rollout workers' experience: as many updates for every environment step as in one process.
 *
 * A worker gets room for more only once its experience was learned from, so that workers wait for a slow learner; a
 * learner that has learned from all there is waits for them. Between two messages its state can be taken: replay,
 * policy, and how far it has come with each worker, which fit together.
 */
export class WorkerLoop implements TrainingLoop {
  envSteps = 0;
  episodes = 0;
  updates = 0;
  private owed = 0;
  private run = randomBytes(9).toString('base64url');
  /** Version of the weights published last. */
  private version = 0;
  private published = { updates: -1, at: Number.NEGATIVE_INFINITY };
  private ended: EpisodeResult[] = [];
  private started = false;
  private failure: Error | null = null;
  private readonly load = new Load();
  private readonly parts: WorkerLoopParts;

  constructor(parts: WorkerLoopParts) {
    this.parts = parts;
    parts.signal?.addEventListener('abort', () => parts.hub.interrupt(), { once: true });
  }

  get memoryBytes(): number {
    return this.parts.replay.bytes + (this.parts.demonstrations?.bytes ?? 0);
  }

  describeBatch(): string {
    return describeBatch(this.parts.policy.batch);
  }

  /** Ends the training with this error, at the next look. */
  fail(error: Error): void {
    this.failure ??= error;
    this.parts.hub.interrupt();
  }

  async runEpisode(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<EpisodeResult | null> {
    const { hub, signal } = this.parts;
    if (!this.started) await this.start(onUpdate);
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
        await hub.arrival();
        this.load.add('waiting', performance.now() - before);
        continue;
      }
      this.add(arrived);
      await this.learn(arrived.steps, onUpdate);
      hub.acknowledge(arrived);
      this.load.add('learning', performance.now() - before);
      await this.publish();
      this.load.look(this.envSteps, this.updates);
    }
  }

  status(): WorkersStatus {
    const { hub, randomSteps } = this.parts;
    const learnedFrom = this.envSteps - randomSteps;
    return {
      ...describeWorkers(this.load, hub.routes.health(), this.envSteps < randomSteps),
      envStepsPerSecond: this.load.envStepsPerSecond,
      updatesPerSecond: this.load.updatesPerSecond,
      updatesPerStep: learnedFrom > 0 ? this.updates / learnedFrom : 0,
      refused: hub.refusals.toJSON(),
    };
  }

  async getState(): Promise<StateDict> {
    const { hub, policy, replay, random } = this.parts;
    return {
      envSteps: this.envSteps,
      episodes: this.episodes,
      updates: this.updates,
      owed: this.owed,
      run: this.run,
      version: this.version,
      random: randomToState(random),
      ended: this.ended.map(episode => ({ ...episode })),
      policy: await policy.getState(),
      replay: replay.getState(),
      roster: hub.roster.getState(),
    };
  }

  async setState(state: StateDict): Promise<void> {
    const { hub, policy, replay, random } = this.parts;
    if (typeof state.run !== 'string' || !Array.isArray(state.ended))
      throw new CheckpointDamagedError(
        "Restoring a checkpoint's state failed: it is not of a training with rollout workers. Resume it with the --workers it had.",
      );
    this.envSteps = asNumber(state, 'envSteps');
    this.episodes = asNumber(state, 'episodes');
    this.updates = asNumber(state, 'updates');
    this.owed = asNumber(state, 'owed');
    this.run = state.run;
    this.version = asNumber(state, 'version');
    randomFromState(random, asState(state, 'random'));
    this.ended = state.ended as unknown as EpisodeResult[]; // Written by getState; the checkpoint's checksum was checked.
    await policy.setState(asState(state, 'policy'));
    replay.setState(asState(state, 'replay'));
    hub.roster.setState(asState(state, 'roster'));
  }

  stateSaved(): void {
    this.parts.hub.markSaved();
  }

  private async start(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<void> {
    const { hub, policy, random, randomSteps, demonstrations } = this.parts;
    this.started = true;
    if (this.envSteps === 0) await demonstrations?.clone(policy, random, onUpdate);
    hub.start({ run: this.run, random: this.envSteps < randomSteps, layout: transitionLayout(policy) });
    await this.publish();
  }

  private add({ worker, seq, steps, rows, columns, episodes }: Arrived): void {
    const { hub, replay, onWork } = this.parts;
    replay.addBatch(asTransitions(columns, rows));
    hub.roster.get(worker)?.take(seq);
    this.envSteps += steps;
    for (const [total, length, success, lost] of episodes)
      this.ended.push({ return: total, length, success, ...(lost === '' ? {} : { simulatorLost: lost }) });
    const pid = hub.routes.processOf(worker);
    if (pid !== null) onWork(pid);
  }

  private async learn(steps: number, onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<void> {
    const { policy, replay, random, randomSteps, updatesPerStep, demonstrations } = this.parts;
    const learnedFrom = Math.min(steps, Math.max(0, this.envSteps - randomSteps));
    for (this.owed += learnedFrom * updatesPerStep; this.owed >= 1; this.owed--) {
      // The workers' n-step accumulators may still hold back all there is.
      if (replay.size === 0) continue;
      if (demonstrations !== null) demonstrations.fill(policy.batch, replay, random);
      else replay.sampleInto(policy.batch, random);
      onUpdate(await policy.learnOnBatch(policy.batch));
      this.updates++;
    }
  }

  private async publish(): Promise<void> {
    const { hub, policy, randomSteps } = this.parts;
    const now = performance.now();
    const { updates, at } = this.published;
    if (this.envSteps < randomSteps || updates === this.updates || now - at < PUBLISH_EVERY) return;
    this.published = { updates: this.updates, at: now };
    hub.publish(++this.version, await policy.getWeights());
  }

  /** A worker stopped because its environment returned what is not finite. */
  diverged(text: string): void {
    this.fail(new TrainingDivergedError(text));
  }
}
