import type { StateDict } from '../../common/state-dict.ts';
import type { Env, ResetOptions, ResetResult, StepResult } from '../env.ts';
import type { ElementOf, Space } from '../spaces.ts';

/** An environment around another one that passes everything through; a wrapper overrides what it changes. */
export abstract class Wrapper<O extends Space = Space, A extends Space = Space, InnerA extends Space = A>
  implements Env<O, A>
{
  readonly env: Env<O, InnerA>;

  constructor(env: Env<O, InnerA>) {
    this.env = env;
  }

  get observationSpace(): O {
    return this.env.observationSpace;
  }

  abstract get actionSpace(): A;

  reset(options?: ResetOptions): Promise<ResetResult<O>> {
    return this.env.reset(options);
  }

  abstract step(action: ElementOf<A>): Promise<StepResult<O>>;

  getState(): StateDict {
    return this.env.getState?.() ?? {};
  }

  setState(state: StateDict): void {
    this.env.setState?.(state);
  }

  close(): Promise<void> {
    return this.env.close();
  }
}

/** The environment inside all wrappers. */
export function unwrapped(env: Env): Env {
  let inner = env;
  while (inner instanceof Wrapper) inner = inner.env;
  return inner;
}
