import { Random } from '../common/random.ts';

/** Where the episodes of each kind of evaluation begin; apart from each other and from training. */
export interface EvaluationSeeds {
  readonly periodic: number;
  readonly confirmation: number;
  readonly final: number;
}

/** The streams of chance of one training, all from its seed. */
export function randomStreams(seed: number) {
  const root = new Random(seed);
  // The order of these draws is part of what a seed means.
  const policyRandom = root.fork();
  const learnerRandom = root.fork();
  const seeds: EvaluationSeeds = { periodic: root.uint32(), confirmation: root.uint32(), final: root.uint32() };
  return { policyRandom, learnerRandom, seeds, demonstrationsRandom: root.fork() };
}
