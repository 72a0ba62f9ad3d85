import * as z from 'zod';
import { parseOptions } from '../../common/options.ts';
import { Random } from '../../common/random.ts';
import { randomFromState, randomToState } from '../../common/random-state.ts';
import type { StateDict } from '../../common/state-dict.ts';
import type { Env, ResetOptions, ResetResult, StepResult } from '../env.ts';
import { EpisodeOverError, InvalidActionError } from '../errors.ts';
import { type Box, contains, describeAction, type ElementOf, flatSize, type Space } from '../spaces.ts';

/** What a step of a small physical system comes to. */
export interface Outcome {
  readonly state: readonly number[];
  readonly reward: number;
  readonly terminated: boolean;
  readonly success: boolean;
}

/** A small physical system as pure functions of a few numbers, in double precision as Gymnasium computes. */
export interface System<A extends Space> {
  readonly id: string;
  readonly observationSpace: Box;
  readonly actionSpace: A;
  /** The numbers of a state, by name. */
  readonly stateNames: readonly string[];
  /** Where an episode starts. */
  start(random: Random): number[];
  observe(state: readonly number[]): Float32Array;
  /** @param steps taken in this episode, this one included */
  advance(state: readonly number[], action: ElementOf<A>, steps: number): Outcome;
}

/** An environment around such a system. `reset({ options: { state } })` starts from a state of one's own. */
export class ClassicEnv<A extends Space> implements Env<Box, A> {
  readonly observationSpace: Box;
  readonly actionSpace: A;
  private readonly system: System<A>;
  private random = new Random(0);
  private state: readonly number[] = [];
  private steps = 0;
  private phase: 'new' | 'running' | 'over' | 'closed' = 'new';

  constructor(system: System<A>) {
    this.system = system;
    this.observationSpace = system.observationSpace;
    this.actionSpace = system.actionSpace;
  }

  async reset({ seed, options }: ResetOptions = {}): Promise<ResetResult<Box>> {
    if (this.phase === 'closed') throw new EpisodeOverError('after close');
    const { id, stateNames } = this.system;
    const schema = z.strictObject({ state: z.array(z.number()).length(stateNames.length).optional() });
    const { state } = parseOptions(schema, options, `a reset of ${id}`);
    if (seed !== undefined) this.random = new Random(seed);
    this.state = state ?? this.system.start(this.random);
    this.steps = 0;
    this.phase = 'running';
    return { observation: this.system.observe(this.state), info: {} };
  }

  async step(action: ElementOf<A>): Promise<StepResult<Box>> {
    if (this.phase === 'closed') throw new EpisodeOverError('after close');
    if (this.phase !== 'running')
      throw new EpisodeOverError(this.phase === 'new' ? 'before the first reset' : 'after the episode ended');
    this.check(action);
    const { state, reward, terminated, success } = this.system.advance(this.state, action, ++this.steps);
    this.state = state;
    if (terminated) this.phase = 'over';
    return { observation: this.system.observe(state), reward, terminated, truncated: false, info: { success } };
  }

  private check(action: ElementOf<A>): void {
    const space: Space = this.actionSpace;
    const { id } = this.system;
    if (space.kind === 'discrete') {
      if (contains(space, action)) return;
      throw new InvalidActionError(
        `An action of ${id} must be an integer from 0 to ${space.n - 1}, but is ${describeAction(action)}.`,
      );
    }
    // Beyond the bounds an action counts as the bound, as in Gymnasium.
    if (action instanceof Float32Array && action.length === flatSize(space) && action.every(Number.isFinite)) return;
    throw new InvalidActionError(
      `An action of ${id} must be a Float32Array of length ${flatSize(space)} with finite numbers, but is ${describeAction(action)}.`,
    );
  }

  getState(): StateDict {
    return { random: randomToState(this.random) };
  }

  setState(state: StateDict): void {
    randomFromState(this.random, state.random);
  }

  async close(): Promise<void> {
    this.phase = 'closed';
  }
}
