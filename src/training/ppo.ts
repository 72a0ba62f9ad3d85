import { type EnginePolicy, type EnginePolicyOptions, type PpoOptions, ppo } from '../agents/index.ts';
import { closeAll } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import { createEngine, type Engine } from '../engine/index.ts';
import { type Box, ContractChecks, type Env, flatSize, isOwnEnv, type Space, VectorEnv } from '../envs/index.ts';
import { checkRollout } from './check-learnable.ts';
import { actionSpec, toEnvAction } from './env-actions.ts';
import { type EvaluationResult, evaluate } from './evaluate.ts';
import { OnPolicyLearner } from './on-policy.ts';
import type { EpisodeResult } from './training-loop.ts';

export interface PpoSettings extends Partial<EnginePolicyOptions>, Partial<PpoOptions> {
  readonly seed?: number;
  /** Told of every episode. */
  readonly onEpisode?: (episode: EpisodeResult, envSteps: number) => void;
  /** Told what every batch's learning reports. */
  readonly onUpdate?: (metrics: Readonly<Record<string, number>>) => void;
}

interface Parts {
  readonly engine: Engine;
  readonly policy: EnginePolicy<PpoOptions>;
}

/**
 * PPO as a few lines of one's own program, without a run directory:
 *
 * ```ts
 * const ppo = new PPO(await makeEnv('CartPole-v1'), { timestepsPerBatch: 2048 });
 * await ppo.learn(100_000);
 * const { meanReturn } = await ppo.evaluate({ episodes: 100 });
 * await ppo.close();
 * ```
 *
 * Takes one environment, or several of one kind to step together. It closes what it opened, not the environments.
 */
export class PPO {
  private readonly envs: VectorEnv<Box, Space>;
  private readonly settings: PpoSettings;
  private readonly random: Random;
  private opening: Promise<Parts> | null = null;
  private steps = 0;

  /**
   * Environments of one's own are checked in every reset and step.
   *
   * Throws UsageError if an environment observes integers, or its actions are numbers not in [-1, 1].
   */
  constructor(env: Env | readonly Env[], settings: PpoSettings = {}) {
    const given = Array.isArray(env) ? (env as readonly Env[]) : [env as Env];
    const envs = given.map(each => (isOwnEnv(each) ? each : new ContractChecks(each, 'given to PPO')));
    for (const { observationSpace, actionSpace } of envs) {
      if (observationSpace.kind !== 'box')
        throw new UsageError('PPO needs observations that are numbers, not integers.');
      if (
        actionSpace.kind === 'box' &&
        !(actionSpace.low.every(bound => bound === -1) && actionSpace.high.every(bound => bound === 1))
      )
        throw new UsageError('PPO needs actions in [-1, 1]. Put the environment into NormalizedActions.');
    }
    this.envs = new VectorEnv(envs as readonly Env<Box, Space>[]); // As was just checked.
    this.settings = settings;
    this.random = new Random(settings.seed ?? 1);
  }

  /** Steps taken so far. */
  get envSteps(): number {
    return this.steps;
  }

  /** Learns for so many steps more, or a few further until an episode ends. Throws UsageError for fewer than a rollout. */
  async learn(totalTimesteps: number): Promise<void> {
    const { onEpisode, onUpdate = () => {} } = this.settings;
    const { policy } = await this.open();
    checkRollout('PPO', policy.rollout, totalTimesteps);
    const learner = new OnPolicyLearner({
      envs: this.envs,
      policy,
      random: this.random.fork(),
      maxEpisodeSteps: Number.POSITIVE_INFINITY,
      totalSteps: totalTimesteps,
    });
    const before = this.steps;
    while (learner.envSteps < totalTimesteps) {
      const episode = await learner.runEpisode(onUpdate);
      this.steps = before + learner.envSteps;
      onEpisode?.(episode, this.steps);
    }
  }

  /** The action for an observation: the likeliest, or a sample. Policies with memory act through `policy`. */
  async act(observation: Float32Array, deterministic = true): Promise<Float32Array | number> {
    const { policy } = await this.open();
    const stateBatches = policy.initialState();
    if (stateBatches.length > 0)
      throw new UsageError('A policy with memory needs its states: call policy().computeActions.');
    const { actions } = await policy.computeActions(observation, 1, { deterministic });
    return toEnvAction(this.envs.actionSpace, actions.slice());
  }

  /** Plays deterministic episodes in the first environment; what was under way there is over then. */
  async evaluate({ episodes = 20, seed = 0 } = {}): Promise<EvaluationResult> {
    const { policy } = await this.open();
    return evaluate(policy, this.envs.envs[0] as Env<Box, Space>, { episodes, seed });
  }

  /** The policy itself: weights, states, log-likelihoods, export. */
  async policy(): Promise<EnginePolicy<PpoOptions>> {
    return (await this.open()).policy;
  }

  async close(): Promise<void> {
    if (this.opening === null) return;
    const { policy, engine } = await this.opening;
    await closeAll(policy, engine);
  }

  private open(): Promise<Parts> {
    this.opening ??= this.create();
    return this.opening;
  }

  private async create(): Promise<Parts> {
    const { seed: _, onEpisode: __, onUpdate: ___, ...options } = this.settings;
    const engine = await createEngine();
    const policy = await ppo.create({
      observationSize: flatSize(this.envs.observationSpace),
      actions: actionSpec(this.envs.actionSpace),
      engine,
      random: this.random.fork(),
      options: { ...options, environments: this.envs.count },
    });
    return { engine, policy };
  }
}
