import { closeAll, closeAndThrow } from '../../common/close-all.ts';
import { UsageError } from '../../common/errors.ts';
import { Random } from '../../common/random.ts';
import { createEngine, type Engine } from '../../engine/index.ts';
import { type Box, type Env, flatSize, type Space, VectorEnv } from '../../envs/index.ts';
import { loadAlgorithm } from '../algorithms.ts';
import type { Job } from '../bus/index.ts';
import { actionSpec } from '../env-actions.ts';
import { openAnyEnv } from '../setup.ts';
import { Collector } from './collector.ts';
import { RolloutCollector } from './rollout-collector.ts';

/** Environments and an engine, opened for a job before a learner says what to begin with. */
export class Workplace {
  readonly job: Job;
  private readonly envs: VectorEnv<Box, Space>;
  private readonly engine: Engine;
  private readonly opened: { close(): Promise<void> }[];

  private constructor(job: Job, envs: VectorEnv<Box, Space>, engine: Engine) {
    this.job = job;
    this.envs = envs;
    this.engine = engine;
    this.opened = [envs, engine];
  }

  /** Throws UsageError where a name or an option is unknown. */
  static async open(job: Job): Promise<Workplace> {
    // A module with an algorithm of one's own may register the environment, too.
    await loadAlgorithm(job.algorithm);
    const envs: Env<Box, Space>[] = [];
    try {
      for (let i = 0; i < job.envs; i++) envs.push(await openAnyEnv(job));
      return new Workplace(job, new VectorEnv(envs), await createEngine({ backend: job.backend }));
    } catch (error) {
      return closeAndThrow(error, ...envs);
    }
  }

  /**
   * A collector with a policy of its own; all that is random in it comes from the seed.
   *
   * @param timesteps of one rollout, for an algorithm that learns from them
   */
  async collector(seed: number, timesteps = 1024): Promise<Collector | RolloutCollector> {
    const { job, envs, engine } = this;
    const random = new Random(seed);
    const algorithm = await loadAlgorithm(job.algorithm);
    if (algorithm.kind === 'on-policy') {
      const policy = await algorithm.create({
        observationSize: flatSize(envs.observationSpace),
        actions: actionSpec(envs.actionSpace),
        engine,
        random: random.fork(),
        options: job.agentOptions,
      });
      this.opened.push(policy);
      return new RolloutCollector(envs, policy, random, job.maxEpisodeSteps, timesteps);
    }
    if (envs.actionSpace.kind !== 'box')
      throw new UsageError(`${job.env} has integers as actions, and ${job.algorithm} chooses numbers.`);
    const policy = await algorithm.create({
      observationSize: flatSize(envs.observationSpace),
      actionSize: flatSize(envs.actionSpace),
      engine,
      // Its parameters are replaced by the learner's first weights; its noise is its own.
      random: random.fork(),
      options: job.agentOptions,
    });
    this.opened.push(policy);
    const collector = new Collector(envs as VectorEnv<Box, Box>, policy, random, job.maxEpisodeSteps);
    await collector.start();
    return collector;
  }

  async close(): Promise<void> {
    await closeAll(...this.opened.splice(0).reverse());
  }
}
