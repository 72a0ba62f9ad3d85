export { categorical } from './categorical.ts';
export type { ActionDistribution } from './distribution.ts';
export { gaussian } from './gaussian.ts';
export { squashedGaussianLogProbabilities } from './squashed-gaussian.ts';
