export { checkLearnsFromTransitions, createWithDemonstrations } from './create-policy.ts';
export { type CloneOnBatch, Demonstrations } from './demonstrations.ts';
export { identifyDemonstrations, loadTrainingDemonstrations } from './load.ts';
export { DEMO_MODES, type DemoMode, type DemonstrationFile, type DemonstrationsConfig } from './options.ts';
