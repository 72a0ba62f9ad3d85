import { performance } from 'node:perf_hooks';
import type { ReplayBuffer } from '../../agents/index.ts';
import type { Random } from '../../common/random.ts';
import { randomFromState, randomToState } from '../../common/random-state.ts';
import type { StateDict } from '../../common/state-dict.ts';
import { describeBatch } from '../batch-statistics.ts';
import type { Demonstrations } from '../demonstrations/index.ts';
import type { BatchLearner } from '../learner.ts';
import { asNumber, asState } from '../state.ts';
import type { Arrived, HubStart } from './hub.ts';
import { HubLoop, type HubLoopParts, type OnUpdate } from './hub-loop.ts';
import { asTransitions, transitionLayout } from './layout.ts';
import { rangedTransitions } from './ranges.ts';

export interface WorkerLoopParts extends HubLoopParts {
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
}

/** Between two publications of the weights, ms: a tenth of what a slow worker notices, and little work. */
const PUBLISH_EVERY = 10;

/**
 * Off-policy learning from rollout workers' experience: as many updates for every environment step as in one process.
 *
 * A worker gets room for more only once its experience was learned from, so that workers wait for a slow learner; a
 * learner that has learned from all there is waits for them. The replay is part of its state.
 */
export class WorkerLoop extends HubLoop<WorkerLoopParts> {
  private owed = 0;
  private published = { updates: -1, at: Number.NEGATIVE_INFINITY };

  get memoryBytes(): number {
    return this.parts.replay.bytes + (this.parts.demonstrations?.bytes ?? 0);
  }

  describeBatch(): string {
    return describeBatch(this.parts.policy.batch);
  }

  override async getState(): Promise<StateDict> {
    const { policy, replay, random } = this.parts;
    return {
      ...(await super.getState()),
      owed: this.owed,
      random: randomToState(random),
      policy: await policy.getState(),
      replay: replay.getState(),
    };
  }

  override async setState(state: StateDict): Promise<void> {
    const { policy, replay, random } = this.parts;
    await super.setState(state);
    this.owed = asNumber(state, 'owed');
    randomFromState(random, asState(state, 'random'));
    await policy.setState(asState(state, 'policy'));
    replay.setState(asState(state, 'replay'));
  }

  protected override get stepsLearnedFrom(): number {
    return this.envSteps - this.parts.randomSteps;
  }

  protected get actsAtRandom(): boolean {
    return this.envSteps < this.parts.randomSteps;
  }

  protected async prepare(onUpdate: OnUpdate): Promise<Omit<HubStart, 'run'>> {
    const { policy, random, demonstrations, spaces } = this.parts;
    if (this.envSteps === 0) await demonstrations?.clone(policy, random, onUpdate);
    return { random: this.actsAtRandom, layout: rangedTransitions(transitionLayout(policy), spaces) };
  }

  protected async learnFrom({ steps, rows, columns }: Arrived, onUpdate: OnUpdate): Promise<void> {
    const { policy, replay, random, updatesPerStep, demonstrations } = this.parts;
    replay.addBatch(asTransitions(columns, rows));
    const learnedFrom = Math.min(steps, Math.max(0, this.stepsLearnedFrom));
    for (this.owed += learnedFrom * updatesPerStep; this.owed >= 1; this.owed--) {
      // The workers' n-step accumulators may still hold back all there is.
      if (replay.size === 0) continue;
      if (demonstrations !== null) demonstrations.fill(policy.batch, replay, random);
      else replay.sampleInto(policy.batch, random);
      onUpdate(await policy.learnOnBatch(policy.batch));
      this.updates++;
    }
  }

  protected async offer(): Promise<void> {
    const now = performance.now();
    const { updates, at } = this.published;
    if (this.actsAtRandom || updates === this.updates || now - at < PUBLISH_EVERY) return;
    this.published = { updates: this.updates, at: now };
    await this.publish();
  }
}
