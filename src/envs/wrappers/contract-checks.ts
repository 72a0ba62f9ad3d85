import { resetFaults, stepFaults } from '../check-step.ts';
import type { Env, ResetOptions, ResetResult, StepResult } from '../env.ts';
import { EnvContractError } from '../errors.ts';
import type { ElementOf, Space } from '../spaces.ts';
import { Wrapper } from './wrapper.ts';

/**
 * Checks every reset and step of an environment against the contract, so that nothing is learned from, or counted as a
 * success, that is none: types, shape and bounds of observations, rewards, ends, and `info.success`.
 *
 * `reset` and `step` throw EnvContractError naming the environment, the step, and every rule broken.
 */
export class ContractChecks<O extends Space = Space, A extends Space = Space> extends Wrapper<O, A> {
  private readonly id: string;
  private episodes = 0;
  private steps = 0;

  constructor(env: Env<O, A>, id: string) {
    super(env);
    this.id = id;
  }

  get actionSpace(): A {
    return this.env.actionSpace;
  }

  override async reset(options?: ResetOptions): Promise<ResetResult<O>> {
    this.episodes++;
    this.steps = 0;
    const result = await this.env.reset(options);
    this.demand(resetFaults(this.observationSpace, result), `in the reset of episode ${this.episodes}`);
    return result;
  }

  async step(action: ElementOf<A>): Promise<StepResult<O>> {
    const result = await this.env.step(action);
    this.steps++;
    this.demand(stepFaults(this.observationSpace, result), `in step ${this.steps} of episode ${this.episodes}`);
    return result;
  }

  private demand(faults: readonly string[], where: string): void {
    if (faults.length > 0)
      throw new EnvContractError(`The environment ${this.id} breaks the contract ${where}: ${faults.join(' ')}`);
  }
}
