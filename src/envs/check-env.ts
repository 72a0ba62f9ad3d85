import { isDeepStrictEqual } from 'node:util';
import { closeAfter } from '../common/close-all.ts';
import { GraspbridgeError } from '../common/errors.ts';
import { Random } from '../common/random.ts';
import { spaceFaults } from './check-spaces.ts';
import { resetFaults, stepFaults } from './check-step.ts';
import type { Env } from './env.ts';
import { EnvContractError, EpisodeOverError, InvalidActionError } from './errors.ts';
import { flatSize, sample } from './spaces.ts';
import { unwrapped } from './wrappers/wrapper.ts';

export interface CheckEnvOptions {
  /** Longest episode to play, steps. */
  readonly maxSteps?: number;
  readonly seed?: number;
  /** What the environment is called in the error. */
  readonly name?: string;
  /** Told what is allowed, but probably not intended. */
  readonly onWarning?: (message: string) => void;
}

/** What an episode showed: its first observation, then observation and reward of each step, all copied. */
interface Played {
  readonly trace: readonly unknown[];
  readonly ended: boolean;
}

/**
 * Checks whether an environment keeps the contract of {@link Env}:
 *
 * - spaces: Float32Array bounds of the right length, low < high, finite for actions;
 * - types and bounds of all that `reset` and `step` return, finite rewards, `info.success` true, false or absent;
 * - observations that stay as they were returned, actions that are not changed;
 * - the same seed and actions give the same episode, and `getState` and `setState`, if there, continue it exactly;
 * - a step is refused before a reset, after an episode's end and after `close`; so is an action outside the space.
 *
 * The environment must be new, and is closed in the end. Throws EnvContractError with every rule broken; an error of this
 * package that the environment throws, such as that of a lost simulator, is passed on.
 */
export async function checkEnv(env: Env, options: CheckEnvOptions = {}): Promise<void> {
  const checks = new Checks(env, options);
  const faults = await checks.run();
  if (faults.length === 0) return;
  const name = options.name === undefined ? 'The environment' : `The environment ${options.name}`;
  const list = faults.length === 1 ? ` ${faults[0]}` : faults.map(fault => `\n  - ${fault}`).join('');
  throw new EnvContractError(`${name} breaks the contract:${list}`);
}

class Checks {
  private readonly env: Env;
  private readonly seed: number;
  private readonly maxSteps: number;
  private readonly onWarning: (message: string) => void;
  /** By their text without numbers, so that a rule broken in many steps is told once. */
  private readonly faults = new Map<string, string>();

  constructor(env: Env, { maxSteps = 200, seed = 1, onWarning = () => {} }: CheckEnvOptions) {
    this.env = env;
    this.seed = seed;
    this.maxSteps = maxSteps;
    this.onWarning = onWarning;
  }

  /** Returns every rule that is broken. */
  async run(): Promise<string[]> {
    const { env } = this;
    this.add(spaceFaults(env.observationSpace, 'observation'));
    this.add(spaceFaults(env.actionSpace, 'action'));
    // Without sound spaces nothing can be played.
    const playable = this.faults.size === 0;
    await closeAfter(async () => {
      if (playable) await this.checkEpisodes();
    }, env);
    await env.close();
    if (playable) await this.checkClosed();
    return [...this.faults.values()];
  }

  private async checkEpisodes(): Promise<void> {
    const { env, seed } = this;
    const action = sample(env.actionSpace, new Random(seed));
    await this.demandRejection(() => env.step(action), 'step() before the first reset() must throw.');
    const first = await this.play(seed);
    if (first === null) return;
    if (first.ended)
      await this.demandRejection(
        () => env.step(action),
        'step() after the end of an episode must throw: nothing resets by itself.',
      );
    const second = await this.play(seed);
    if (second === null) return;
    if (!isDeepStrictEqual(first.trace[0], second.trace[0]))
      this.add(['the same seed must give the same first observation: reset() ignores its seed.']);
    else if (!isDeepStrictEqual(first.trace, second.trace))
      this.add(['the same seed and the same actions must give the same observations and rewards.']);
    const other = await this.play(seed + 1, 1);
    if (other !== null && isDeepStrictEqual(first.trace[0], other.trace[0]))
      this.onWarning('two different seeds gave the same first observation: every episode may start the same way.');
    await this.checkState();
    await this.checkActions(action);
  }

  /** Between two episodes the state is taken and given back: what follows must be the same. */
  private async checkState(): Promise<void> {
    const { env } = this;
    // A wrapper always has these; what counts is the environment inside.
    const inner = unwrapped(env);
    if (inner.getState === undefined && inner.setState === undefined) return;
    if (inner.getState === undefined || inner.setState === undefined) {
      this.add(['getState() and setState() belong together: have both or neither.']);
      return;
    }
    if ((await this.play(this.seed)) === null) return;
    const state = structuredClone(env.getState?.() ?? {});
    const before = await this.play(undefined);
    env.setState?.(state);
    const after = await this.play(undefined);
    if (!isDeepStrictEqual(before?.trace, after?.trace))
      this.add(['after setState() with what getState() returned, the next episode must be the same as before.']);
  }

  private async checkActions(action: Float32Array | number): Promise<void> {
    const { env, seed } = this;
    const wrong = env.actionSpace.kind === 'box' ? new Float32Array(flatSize(env.actionSpace) + 1) : -1;
    await env.reset({ seed });
    await this.demandRejection(() => env.step(wrong), 'an action outside the action space must throw.');
    if (typeof action === 'number') return;
    await env.reset({ seed });
    const broken = action.slice().fill(Number.NaN);
    await this.demandRejection(() => env.step(broken), 'an action that holds NaN must throw.');
  }

  private async checkClosed(): Promise<void> {
    const { env, seed } = this;
    await this.demandRejection(() => env.reset({ seed }), 'reset() after close() must throw.');
    const action = sample(env.actionSpace, new Random(seed));
    await this.demandRejection(() => env.step(action), 'step() after close() must throw.');
  }

  /** Plays an episode of actions that depend on nothing; null if it cannot be played on. */
  private async play(seed: number | undefined, maxSteps = this.maxSteps): Promise<Played | null> {
    const { env } = this;
    const random = new Random(this.seed);
    const start = await this.attempt('reset()', () => env.reset(seed === undefined ? {} : { seed }));
    if (start === null) return null;
    let sound = this.add(resetFaults(env.observationSpace, start));
    if (typeof start !== 'object') return null;
    const returned: unknown[] = [start.observation];
    const trace: unknown[] = [copy(start.observation)];
    let ended = false;
    for (let step = 0; step < maxSteps && !ended && sound; step++) {
      const action = sample(env.actionSpace, random);
      const before = copy(action);
      const result = await this.attempt('step()', () => env.step(action));
      if (result === null) return null;
      if (!isDeepStrictEqual(action, before)) this.add(['step() must not change the action it is given.']);
      sound = this.add(stepFaults(env.observationSpace, result));
      if (typeof result !== 'object') return null;
      returned.push(result.observation, result.reward);
      trace.push(copy(result.observation), result.reward);
      ended = result.terminated === true || result.truncated === true;
    }
    if (!isDeepStrictEqual(returned, trace))
      this.add(['an observation once returned must not change later: return a new array each time.']);
    return { trace, ended };
  }

  /** Calls the environment; what it throws that is no error of this package is one more fault. */
  private async attempt<T>(what: string, call: () => Promise<T>): Promise<T | null> {
    try {
      return await call();
    } catch (error) {
      const refused = error instanceof EpisodeOverError || error instanceof InvalidActionError;
      if (error instanceof GraspbridgeError && !refused) throw error;
      this.add([`${what} threw ${error instanceof Error ? `${error.name}: ${error.message}` : error}`]);
      return null;
    }
  }

  private async demandRejection(call: () => Promise<unknown>, rule: string): Promise<void> {
    try {
      await call();
    } catch {
      return;
    }
    this.add([rule]);
  }

  /** Returns whether there was nothing to add. */
  private add(faults: readonly string[]): boolean {
    for (const fault of faults) {
      const rule = fault.replace(/-?\d+(\.\d+)?(e[-+]?\d+)?/g, '#');
      if (!this.faults.has(rule)) this.faults.set(rule, fault);
    }
    return faults.length === 0;
  }
}

function copy(value: unknown): unknown {
  return value instanceof Float32Array ? value.slice() : value;
}
