import type { NStepAccumulator, ReplayBuffer } from '../agents/index.ts';
import type { Policy, TransitionBatch } from '../agents/policy.ts';
import type { Random } from '../common/random.ts';
import { randomFromState, randomToState } from '../common/random-state.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { Env } from '../envs/env.ts';
import { type Box, flatSize } from '../envs/spaces.ts';
import { describeBatch } from './batch-statistics.ts';
import { checkFinite } from './check-finite.ts';
import type { CloneOnBatch, Demonstrations } from './demonstrations/index.ts';
import { asNumber, asState } from './state.ts';
import type { EpisodeResult, TrainingLoop } from './training-loop.ts';

/** A policy that learns off-policy: its batch is filled in place before `learnOnBatch`. */
export interface BatchLearner extends Policy<TransitionBatch> {
  readonly batch: TransitionBatch;
  /** Complete; what its transitions must be made with, and the rest. */
  readonly options: { readonly gamma: number; readonly nStep: number };
  /** Makes the batch's actions likelier, where it can be pretrained. */
  readonly cloneOnBatch?: CloneOnBatch;
}

export interface LearnerParts {
  /** Takes normalized actions. */
  readonly env: Env<Box, Box>;
  readonly policy: BatchLearner;
  readonly replay: ReplayBuffer;
  readonly accumulator: NStepAccumulator;
  /** Draws first actions, batches and the seeds of episodes. */
  readonly random: Random;
  /** Steps with uniformly random actions, and without updates, at the beginning. */
  readonly randomSteps: number;
  /** Update-to-data ratio. */
  readonly updatesPerStep: number;
  /** An episode is cut here where the environment does not end it. */
  readonly maxEpisodeSteps: number;
  /** What is learned from beside the replay buffer; null for nothing. */
  readonly demonstrations?: Demonstrations | null;
}

/**
 * Off-policy learning in one process: acts, remembers, and updates a fixed number of times a step.
 *
 * It goes an episode at a time, and only between episodes can its state be taken: an interrupted run first ends the
 * episode under way. Every episode is reset with a seed of its own, so that where it starts depends on this state and
 * not on the environment's past.
 */
export class Learner implements TrainingLoop {
  envSteps = 0;
  episodes = 0;
  updates = 0;
  /** Updates owed: the fraction left where the ratio is not whole. */
  private owed = 0;
  private readonly parts: LearnerParts;
  private readonly actionSize: number;

  constructor(parts: LearnerParts) {
    this.parts = parts;
    this.actionSize = flatSize(parts.env.actionSpace);
  }

  get memoryBytes(): number {
    return this.parts.replay.bytes + (this.parts.demonstrations?.bytes ?? 0);
  }

  describeBatch(): string {
    return describeBatch(this.parts.policy.batch);
  }

  /** Plays and learns from one episode. */
  async runEpisode(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<EpisodeResult> {
    const { env, policy, accumulator, random, randomSteps, maxEpisodeSteps, demonstrations } = this.parts;
    if (this.episodes === 0) await demonstrations?.clone(policy, random, onUpdate);
    let observation = await this.begin();
    let total = 0;
    let success = false;
    for (let length = 1; ; length++) {
      const action = await this.act(observation);
      const step = await env.step(action);
      checkFinite(step, `Environment step ${this.envSteps + 1}`);
      const truncated = step.truncated || (length >= maxEpisodeSteps && !step.terminated);
      // What the action did is not known; with n-step returns those under way lack their last reward.
      if (step.info.simulatorLost !== undefined || step.info.diverged === true) accumulator.clear();
      else {
        // Named one by one: a spread makes the engine allocate a new hidden class each time, which only a full collection frees.
        const { reward, terminated, observation: nextObservation } = step;
        accumulator.add({ observation, action, reward, nextObservation, terminated, truncated });
      }
      observation = step.observation;
      total += step.reward;
      success ||= step.info.success === true;
      this.envSteps++;
      if (this.envSteps > randomSteps) await this.learn(onUpdate);
      if (step.terminated || truncated) {
        this.episodes++;
        const { simulatorLost } = step.info;
        return { return: total, length, success, ...(typeof simulatorLost === 'string' ? { simulatorLost } : {}) };
      }
    }
  }

  /** Starts an episode, as any other or in a demonstrated state; the steps on the way there count as steps. */
  private async begin(): Promise<Float32Array> {
    const { env, random, demonstrations } = this.parts;
    const demonstrated = (await demonstrations?.reset(env, random)) ?? null;
    if (demonstrated === null) return (await env.reset({ seed: random.uint32() })).observation;
    this.envSteps += demonstrated.steps;
    return demonstrated.observation;
  }

  private async act(observation: Float32Array): Promise<Float32Array> {
    const { policy, random, randomSteps } = this.parts;
    if (this.envSteps < randomSteps) return Float32Array.from({ length: this.actionSize }, () => random.uniform(-1, 1));
    return (await policy.computeActions(observation, 1)).actions;
  }

  private async learn(onUpdate: (metrics: Readonly<Record<string, number>>) => void): Promise<void> {
    const { policy, replay, random, updatesPerStep, demonstrations } = this.parts;
    for (this.owed += updatesPerStep; this.owed >= 1; this.owed--) {
      // The n-step accumulator may still hold back all there is.
      if (replay.size === 0) continue;
      if (demonstrations) demonstrations.fill(policy.batch, replay, random);
      else replay.sampleInto(policy.batch, random);
      onUpdate(await policy.learnOnBatch(policy.batch));
      this.updates++;
    }
  }

  /** All that the next episode depends on; only between episodes. */
  async getState(): Promise<StateDict> {
    const { env, policy, replay, accumulator, random } = this.parts;
    return {
      envSteps: this.envSteps,
      episodes: this.episodes,
      updates: this.updates,
      owed: this.owed,
      random: randomToState(random),
      environment: env.getState?.() ?? {},
      policy: await policy.getState(),
      replay: replay.getState(),
      accumulator: accumulator.getState(),
    };
  }

  async setState(state: StateDict): Promise<void> {
    const { env, policy, replay, accumulator, random } = this.parts;
    this.envSteps = asNumber(state, 'envSteps');
    this.episodes = asNumber(state, 'episodes');
    this.updates = asNumber(state, 'updates');
    this.owed = asNumber(state, 'owed');
    randomFromState(random, asState(state, 'random'));
    env.setState?.(asState(state, 'environment'));
    await policy.setState(asState(state, 'policy'));
    replay.setState(asState(state, 'replay'));
    accumulator.setState(asState(state, 'accumulator'));
  }
}
