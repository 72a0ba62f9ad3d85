import { UsageError } from '../common/errors.ts';
import type { StateDict } from '../common/state-dict.ts';
import type {
  ActionBatch,
  ComputeActionsOptions,
  Policy,
  PolicyGradients,
  PolicyMode,
  SampleBatch,
  SingleAction,
  Trajectory,
} from './policy.ts';

/**
 * What most policies have in common, for classes of one's own: memoryless, nothing to post-process, no density, no
 * gradients, a state that is its weights. A subclass says how it acts and learns, and overrides what it has.
 */
export abstract class BasePolicy<Batch = SampleBatch> implements Policy<Batch> {
  abstract readonly observationSize: number;
  abstract readonly actionSize: number;

  abstract computeActions(
    observations: Float32Array,
    count: number,
    options?: ComputeActionsOptions,
  ): Promise<ActionBatch>;
  abstract learnOnBatch(batch: Batch): Promise<Readonly<Record<string, number>>>;
  abstract getWeights(): Promise<StateDict>;
  abstract setWeights(weights: StateDict): Promise<void>;

  async computeSingleAction(observation: Float32Array, options: ComputeActionsOptions = {}): Promise<SingleAction> {
    const { actions, stateBatches, extra } = await this.computeActions(observation, 1, options);
    return {
      action: actions.slice(),
      states: stateBatches.map(state => state.slice()),
      extra: Object.fromEntries(Object.entries(extra).map(([name, values]) => [name, values.slice()])),
    };
  }

  async computeLogLikelihoods(
    _actions: Float32Array,
    _observations: Float32Array,
    _count: number,
    _options?: ComputeActionsOptions,
  ): Promise<Float32Array> {
    throw this.lacks('log-likelihoods of actions', 'computeLogLikelihoods');
  }

  async postprocessTrajectory(trajectory: Trajectory): Promise<Trajectory> {
    return trajectory;
  }

  async computeGradients(_batch: Batch): Promise<PolicyGradients> {
    throw this.lacks('gradients', 'computeGradients');
  }

  async applyGradients(_gradients: PolicyGradients['gradients']): Promise<void> {
    throw this.lacks('gradients', 'applyGradients');
  }

  initialState(): readonly Float32Array[] {
    return [];
  }

  getState(): Promise<StateDict> {
    return this.getWeights();
  }

  setState(state: StateDict): Promise<void> {
    return this.setWeights(state);
  }

  async exportModel(): Promise<PolicyMode> {
    throw this.lacks('model that can be exported', 'exportModel');
  }

  async close(): Promise<void> {}

  private lacks(what: string, method: string): UsageError {
    return new UsageError(`${this.constructor.name} has no ${what}. Override ${method} in its class to have them.`);
  }
}
