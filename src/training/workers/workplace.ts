import { UsageError } from '../../common/errors.ts';
import { Random } from '../../common/random.ts';
import { createEngine, type Engine } from '../../engine/index.ts';
import { type Box, type Env, flatSize, VectorEnv } from '../../envs/index.ts';
import { loadAlgorithm } from '../algorithms.ts';
import type { Job } from '../bus/index.ts';
import { openEnv } from '../setup.ts';
import { Collector } from './collector.ts';

/** What is said where rollout workers are asked for with an algorithm they do not serve. */
export function onlyOffPolicy(algorithm: string): UsageError {
  return new UsageError(
    `Rollout workers send transitions for a replay buffer, and "${algorithm}" learns from whole rollouts instead. Train it with --workers 0.`,
  );
}

/** Environments and an engine, opened for a job before a learner says what to begin with. */
export class Workplace {
  readonly job: Job;
  private readonly envs: VectorEnv<Box, Box>;
  private readonly engine: Engine;
  private readonly opened: { close(): Promise<void> }[];

  private constructor(job: Job, envs: VectorEnv<Box, Box>, engine: Engine) {
    this.job = job;
    this.envs = envs;
    this.engine = engine;
    this.opened = [envs, engine];
  }

  /** Throws UsageError where a name or an option is unknown. */
  static async open(job: Job): Promise<Workplace> {
    const envs: Env<Box, Box>[] = [];
    try {
      for (let i = 0; i < job.envs; i++) envs.push(await openEnv(job));
      return new Workplace(job, new VectorEnv(envs), await createEngine({ backend: job.backend }));
    } catch (error) {
      for (const env of envs) await env.close();
      throw error;
    }
  }

  /** A collector with a policy of its own; all that is random in it comes from the seed. */
  async collector(seed: number): Promise<Collector> {
    const { job, envs, engine } = this;
    const random = new Random(seed);
    const algorithm = await loadAlgorithm(job.algorithm);
    if (algorithm.kind !== 'off-policy') throw onlyOffPolicy(job.algorithm);
    const policy = await algorithm.create({
      observationSize: flatSize(envs.observationSpace),
      actionSize: flatSize(envs.actionSpace),
      engine,
      // Its parameters are replaced by the learner's first weights; its noise is its own.
      random: random.fork(),
      options: job.agentOptions,
    });
    this.opened.push(policy);
    const collector = new Collector(envs, policy, random, job.maxEpisodeSteps);
    await collector.start();
    return collector;
  }

  async close(): Promise<void> {
    for (const thing of this.opened.splice(0).reverse()) await thing.close();
  }
}
