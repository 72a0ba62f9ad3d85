import * as tf from '@tensorflow/tfjs-core';
import type { Engine, ParameterGroup, Tensors, Update } from '../../engine/index.ts';
import type { TransitionBatch } from '../policy.ts';
import { actionDistribution, type SacNetworks } from './networks.ts';
import type { ResolvedSacOptions } from './options.ts';

/**
 * As near to ±1 as a demonstrated action counts. The likelihood of ±1 itself is without bounds: the mean would run off
 * to where tanh has no slope left to learn from.
 */
const LARGEST = 0.99;

export interface CloningSpec {
  readonly engine: Engine;
  readonly networks: SacNetworks;
  readonly actor: ParameterGroup;
  readonly options: ResolvedSacOptions;
  readonly observationSize: number;
  readonly actionSize: number;
}

/**
 * Behaviour cloning of a squashed Gaussian actor, by maximum likelihood:
 *
 *   J(φ) = −E[Σ log N(atanh a; μ(s), σ(s))]
 *
 * which is −E[log π(a|s)] but for a term without φ. Its optimizer is one of its own.
 *
 * Source: Pomerleau 1991, https://doi.org/10.1162/neco.1991.3.1.88, for the idea; the density as in losses.ts.
 */
export class Cloning {
  private readonly update: Update;

  private constructor(update: Update) {
    this.update = update;
  }

  static async create({ engine, networks, actor, options, ...sizes }: CloningSpec): Promise<Cloning> {
    const { batchSize: size, learningRate } = options;
    const update = await engine.compileUpdate({
      groups: [actor],
      inputs: { observations: [size, sizes.observationSize], unsquashed: [size, sizes.actionSize] },
      stages: [
        [
          {
            name: 'cloningLoss',
            group: actor,
            optimizer: { learningRate },
            loss: (parameters, inputs) => {
              // The group and the inputs were named above.
              const { observations, unsquashed } = inputs as Record<'observations' | 'unsquashed', tf.Tensor>;
              const distribution = actionDistribution(networks, parameters.actor as Tensors, observations);
              const { mean, logStandardDeviation } = distribution;
              const deviation = tf.mul(tf.sub(unsquashed, mean), tf.exp(tf.neg(logStandardDeviation)));
              const constant = 0.5 * Math.log(2 * Math.PI);
              const terms = tf.add(tf.add(tf.mul(tf.square(deviation), 0.5), logStandardDeviation), constant);
              return { loss: tf.mean<tf.Scalar>(tf.sum(terms, 1)) };
            },
          },
        ],
      ],
    });
    return new Cloning(update);
  }

  /** Makes the actions of a batch likelier. */
  run({ observations, actions }: TransitionBatch): Promise<Readonly<Record<string, number>>> {
    const inputs = this.update.inputs as Record<'observations' | 'unsquashed', Float32Array>;
    inputs.observations.set(observations);
    for (const [i, action] of actions.entries())
      inputs.unsquashed[i] = Math.atanh(Math.max(-LARGEST, Math.min(LARGEST, action)));
    return this.update.run();
  }

  close(): Promise<void> {
    return this.update.close();
  }
}
