import type { StateDict } from '../common/state-dict.ts';
import type { ElementOf, Space } from './spaces.ts';

/** What an environment says beside the observation; `success` says whether a task's goal is met. */
export type Info = Record<string, unknown> & { readonly success?: boolean };

export interface ResetOptions {
  /** Seeds the environment's generator. Without one it goes on with the generator it has. */
  readonly seed?: number;
  /** Whatever this environment's reset understands, such as a target pose. */
  readonly options?: Readonly<Record<string, unknown>>;
}

export interface ResetResult<O extends Space = Space> {
  readonly observation: ElementOf<O>;
  readonly info: Info;
}

export interface StepResult<O extends Space = Space> {
  readonly observation: ElementOf<O>;
  readonly reward: number;
  /** The episode reached an end that belongs to the task: what follows is worth nothing. */
  readonly terminated: boolean;
  /** The episode was cut short for a reason outside the task, such as a time limit: the state still has a value. */
  readonly truncated: boolean;
  readonly info: Info;
}

/**
 * An environment: Gymnasium's contract in TypeScript.
 *
 * ```ts
 * let { observation } = await env.reset({ seed: 1 });
 * for (;;) {
 *   const step = await env.step(policy(observation));
 *   observation = step.observation;
 *   if (step.terminated || step.truncated) ({ observation } = await env.reset());
 * }
 * await env.close();
 * ```
 *
 * Nothing resets by itself: after `terminated` or `truncated` the caller resets, and the final observation is the
 * one `step` returned. Arrays that `reset` and `step` return belong to the caller; the environment never writes to
 * them again. `checkEnv` proves that an environment keeps all this.
 *
 * Source: Gymnasium's core API, https://gymnasium.farama.org/api/env/
 */
export interface Env<O extends Space = Space, A extends Space = Space> {
  readonly observationSpace: O;
  readonly actionSpace: A;
  /** Starts an episode. */
  reset(options?: ResetOptions): Promise<ResetResult<O>>;
  /** Acts once. Throws EpisodeOverError when called before a reset or after an episode's end. */
  step(action: ElementOf<A>): Promise<StepResult<O>>;
  /** The generator's state and whatever else the next `reset` depends on; only between episodes. */
  getState?(): StateDict;
  setState?(state: StateDict): void;
  /** Frees what the environment holds. Safe to call twice. */
  close(): Promise<void>;
}
