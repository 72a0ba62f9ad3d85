import { performance } from 'node:perf_hooks';
import type { OnPolicy, SampleBatch } from '../../agents/index.ts';
import type { StateDict } from '../../common/state-dict.ts';
import { describeColumns } from '../batch-statistics.ts';
import { rolloutBytes } from '../on-policy.ts';
import { asState } from '../state.ts';
import type { Arrived, HubStart } from './hub.ts';
import { HubLoop, type HubLoopParts, type OnUpdate } from './hub-loop.ts';
import { rangedRollouts } from './ranges.ts';
import { batchOf, rolloutLayout } from './rollout-columns.ts';

export interface RolloutLoopParts extends HubLoopParts {
  readonly policy: OnPolicy;
  /** How long training lasts, for schedules. */
  readonly totalSteps: number;
  /** How long a batch waits for a share that may never come, ms; 10,000 by default. */
  readonly patience?: number;
}

/**
 * On-policy learning from rollout workers: each makes its share of a batch with the newest weights, the batch is
 * learned from when it is whole, and the weights that come of it begin the next.
 *
 * A rollout of older weights is counted and not learned from. Where a worker is gone for good, the others' share of a
 * batch is learned from after a while. What of a batch had come when a training ended is not
 * kept: it begins anew with the next.
 */
export class RolloutLoop extends HubLoop<RolloutLoopParts> {
  readonly memory = 'rollout';
  private arrived: Arrived[] = [];
  private last: SampleBatch | null = null;
  /** Whether the weights have changed since they were published. */
  private changed = true;

  get memoryBytes(): number {
    return rolloutBytes(this.parts.policy);
  }

  describeBatch(): string {
    return describeColumns(this.last?.columns ?? {});
  }

  override async getState(): Promise<StateDict> {
    return { ...(await super.getState()), policy: await this.parts.policy.getState() };
  }

  override async setState(state: StateDict): Promise<void> {
    await super.setState(state);
    await this.parts.policy.setState(asState(state, 'policy'));
  }

  protected get actsAtRandom(): boolean {
    return false;
  }

  protected async prepare(): Promise<Omit<HubStart, 'run'>> {
    const { policy, spaces } = this.parts;
    return { random: false, layout: rangedRollouts(await rolloutLayout(policy), spaces) };
  }

  protected async learnFrom(arrived: Arrived, onUpdate: OnUpdate): Promise<void> {
    if (arrived.weights === this.version && arrived.rows > 0) this.arrived.push(arrived);
    const rows = this.arrived.reduce((sum, part) => sum + part.rows, 0);
    if (rows >= this.parts.policy.rollout.timestepsPerBatch) await this.learn(onUpdate);
  }

  protected async offer(): Promise<void> {
    if (!this.changed) return;
    this.changed = false;
    await this.publish();
  }

  /** Until something comes, or patience is at an end: then a batch that lacks the share of one who is gone is all there is. */
  protected override async wait(onUpdate: OnUpdate): Promise<void> {
    const { hub, patience = 10_000 } = this.parts;
    const before = performance.now();
    const timer = setTimeout(() => hub.interrupt(), patience + 1);
    await super.wait(onUpdate);
    clearTimeout(timer);
    if (performance.now() - before < patience || !this.everyoneWaits()) return;
    await this.learn(onUpdate);
    await this.offer();
  }

  /** Whether all workers that live have made their share. */
  private everyoneWaits(): boolean {
    const { hub } = this.parts;
    const made = new Set(this.arrived.map(({ worker }) => hub.roster.get(worker)?.index));
    const health = hub.routes.health();
    return made.size > 0 && health.length > 0 && health.every(({ index }) => made.has(index));
  }

  private async learn(onUpdate: OnUpdate): Promise<void> {
    const { policy, totalSteps } = this.parts;
    // Whoever came first: the same rollouts are then the same batch.
    const parts = [...this.arrived].sort((a, b) => (a.worker < b.worker ? -1 : 1));
    this.arrived = [];
    this.last = batchOf(parts);
    policy.onProgress?.(this.envSteps, totalSteps);
    const metrics = await policy.learnOnBatch(this.last);
    onUpdate(metrics);
    this.updates += metrics.gradientSteps ?? 1;
    this.changed = true;
  }
}
