import type { Columns, OnPolicy, Trajectory } from '../agents/policy.ts';
import { joinFloats } from '../common/join-floats.ts';
import type { Random } from '../common/random.ts';
import { randomFromState, randomToState } from '../common/random-state.ts';
import type { StateDict } from '../common/state-dict.ts';
import { type Box, flatSize, type Space, type StepResult, type VectorEnv } from '../envs/index.ts';
import { checkFinite } from './check-finite.ts';
import { clipActions, toEnvAction } from './env-actions.ts';
import { CheckpointDamagedError } from './errors.ts';
import { Lane } from './on-policy-lane.ts';
import { asList, asNumber, asState, isState } from './state.ts';
import type { EpisodeResult } from './training-loop.ts';
import { trajectoryFromState, trajectoryToState } from './trajectories.ts';

export interface RolloutSamplerParts {
  /** Take normalized actions, or integers. */
  readonly envs: VectorEnv<Box, Space>;
  readonly policy: OnPolicy;
  /** Draws the seeds of episodes. */
  readonly random: Random;
  /** An episode is cut here where the environment does not end it. */
  readonly maxEpisodeSteps: number;
  /** Steps of a rollout; the policy's `timestepsPerBatch`, or this sampler's share of it. */
  readonly timesteps: number;
}

const one = (value: number | boolean) => Float32Array.of(Number(value));

/**
 * Steps environments together by one batched call of the policy until there is a rollout.
 *
 * Its state can be taken between any two steps, in the midst of episodes: those are then played again from their seeds
 * by the actions that were taken. Environments that go the same way each time go on exactly where they were.
 */
export class RolloutSampler {
  /** Steps of all environments together. */
  envSteps = 0;
  /** Ended, oldest first; the caller takes them out. */
  ended: EpisodeResult[] = [];
  private readonly parts: RolloutSamplerParts;
  private readonly lanes: readonly Lane[];
  private begun = 0;
  /** Cut, and not yet handed out. */
  private trajectories: Trajectory[] = [];

  constructor(parts: RolloutSamplerParts) {
    this.parts = parts;
    const actionSize = flatSize(parts.envs.actionSpace);
    this.lanes = parts.envs.envs.map(() => new Lane(actionSize));
  }

  /** Acts once in every environment. Throws TrainingDivergedError where one returns what is not finite. */
  async step(): Promise<void> {
    const { envs, policy } = this.parts;
    for (const [i, lane] of this.lanes.entries()) if (lane.over) await this.begin(i, lane);
    const observations = envs.observations.slice();
    const widths = policy.initialState().map(state => state.length);
    const given = widths.map((_, k) => joinFloats(this.lanes.map(lane => lane.states[k] as Float32Array)));
    const { actions, stateBatches, extra } = await policy.computeActions(observations, envs.count, {
      stateBatches: given,
      previousActionBatch: joinFloats(this.lanes.map(lane => lane.previousAction)),
      previousRewardBatch: Float32Array.from(this.lanes, lane => lane.previousReward),
      infoBatch: this.lanes.map(lane => lane.info),
      episodes: this.lanes.map(lane => lane.view),
    });
    const steps = await envs.step(envs.actionSpace.kind === 'box' ? clipActions(actions) : actions.slice());
    for (const [i, lane] of this.lanes.entries()) {
      const row = (values: Float32Array) => rowOf(values, i, envs.count);
      this.record(lane, steps[i] as StepResult<Box>, {
        observations: row(observations),
        actions: row(actions),
        previousActions: lane.previousAction.slice(),
        previousRewards: one(lane.previousReward),
        ...named('state_in_', given, row),
        ...named('state_out_', stateBatches, row),
        ...Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, row(values)])),
      });
    }
  }

  private async begin(index: number, lane: Lane): Promise<void> {
    const { envs, random, policy } = this.parts;
    const seed = random.uint32();
    await envs.resetOne(index, { seed });
    lane.begin(this.begun++, seed, policy.initialState(), {});
  }

  private record(lane: Lane, step: StepResult<Box>, row: Columns): void {
    const { maxEpisodeSteps, policy } = this.parts;
    const { observations, actions } = row as Record<'observations' | 'actions', Float32Array>; // As made above.
    this.envSteps++;
    checkFinite(step, `Environment step ${this.envSteps}`);
    lane.episode = {
      id: lane.episode.id,
      length: lane.episode.length + 1,
      return: lane.episode.return + step.reward,
    };
    lane.success ||= step.info.success === true;
    lane.info = step.info;
    const limit = Math.min(maxEpisodeSteps, policy.rollout.maxTimestepsPerEpisode ?? Infinity);
    const truncated = step.truncated || (lane.episode.length >= limit && !step.terminated);
    const lost = step.info.simulatorLost !== undefined || step.info.diverged === true;
    // Where the simulator failed, what the action did is not known: the trajectory ends with the step before.
    if (!lost) {
      const end = { rewards: one(step.reward), terminated: one(step.terminated), truncated: one(truncated) };
      lane.record({ ...row, ...end });
      lane.states = Object.keys(row)
        .filter(name => name.startsWith('state_out_'))
        .map(name => row[name] as Float32Array);
    }
    lane.acted(actions);
    lane.previousReward = step.reward;
    if (!step.terminated && !truncated) return;
    lane.over = true;
    const next = lost ? observations : step.observation;
    if (lane.size > 0)
      this.trajectories.push(lane.cut(next, { terminated: step.terminated && !lost, truncated: truncated || lost }));
    const { simulatorLost } = step.info;
    this.ended.push({
      return: lane.episode.return,
      length: lane.episode.length,
      success: lane.success,
      ...(typeof simulatorLost === 'string' ? { simulatorLost } : {}),
    });
  }

  private get waiting(): number {
    return this.trajectories.reduce((sum, trajectory) => sum + trajectory.size, 0);
  }

  /** Whether there is a whole rollout to be taken. */
  get isFull(): boolean {
    const { policy, timesteps } = this.parts;
    if (policy.rollout.completeEpisodes) return this.waiting >= timesteps;
    return this.waiting + this.lanes.reduce((sum, lane) => sum + lane.size, 0) >= timesteps;
  }

  /** The rollout's trajectories, post-processed by the policy; the next one begins. */
  async take(): Promise<Trajectory[]> {
    const { envs, policy } = this.parts;
    if (!policy.rollout.completeEpisodes)
      for (const [i, lane] of this.lanes.entries()) {
        const observation = rowOf(envs.observations, i, envs.count);
        if (lane.size > 0) this.trajectories.push(lane.cut(observation, { terminated: false, truncated: false }));
      }
    const processed: Trajectory[] = [];
    // One after the other: a policy's memory for acting is one.
    for (const trajectory of this.trajectories) processed.push(await policy.postprocessTrajectory(trajectory));
    this.trajectories = [];
    return processed;
  }

  getState(): StateDict {
    return {
      envSteps: this.envSteps,
      begun: this.begun,
      random: randomToState(this.parts.random),
      lanes: this.lanes.map(lane => lane.getState()),
      trajectories: this.trajectories.map(trajectoryToState),
      ended: this.ended.map(episode => ({ ...episode })),
    };
  }

  /** Throws CheckpointDamagedError where the state is not of as many environments. */
  async setState(state: StateDict): Promise<void> {
    this.envSteps = asNumber(state, 'envSteps');
    this.begun = asNumber(state, 'begun');
    randomFromState(this.parts.random, asState(state, 'random'));
    const lanes = asList(state, 'lanes');
    if (lanes.length !== this.lanes.length)
      throw new CheckpointDamagedError(
        `Restoring a rollout: the checkpoint has ${lanes.length} environments, this training ${this.lanes.length}.`,
      );
    for (const [i, lane] of this.lanes.entries()) {
      lane.setState(isState(lanes[i]) ? lanes[i] : {});
      if (!lane.over) await this.playAgain(i, lane);
    }
    this.trajectories = asList(state, 'trajectories').map(trajectoryFromState);
    this.ended = asList(state, 'ended').map(value => value as unknown as EpisodeResult); // Written by getState.
  }

  /** Brings an environment back to the midst of its episode. */
  private async playAgain(index: number, lane: Lane): Promise<void> {
    const { envs } = this.parts;
    const env = envs.envs[index] as (typeof envs.envs)[0];
    const played = lane.played;
    const size = flatSize(envs.actionSpace);
    await envs.resetOne(index, { seed: lane.seed });
    let observation: Float32Array | null = null;
    for (let first = 0; first < played.length; first += size) {
      const step = await env.step(toEnvAction(envs.actionSpace, played.slice(first, first + size)));
      observation = step.observation;
      lane.info = step.info;
    }
    if (observation !== null) envs.observations.set(observation, index * observation.length);
  }
}

function rowOf(values: Float32Array, index: number, count: number): Float32Array {
  const width = values.length / count;
  return values.slice(index * width, (index + 1) * width);
}

function named(prefix: string, arrays: readonly Float32Array[], row: (values: Float32Array) => Float32Array): Columns {
  return Object.fromEntries(arrays.map((values, i) => [`${prefix}${i}`, row(values)]));
}
