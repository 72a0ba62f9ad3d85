export { checkLearnsFromTransitions, createWithDemonstrations } from './create-policy.ts';
export { type CloneOnBatch, Demonstrations } from './demonstrations.ts';
export { checkDemonstrationsUnchanged, identifyDemonstrations } from './identity.ts';
export { loadTrainingDemonstrations } from './load.ts';
export { DEMO_MODES, type DemoMode, type DemonstrationFile, type DemonstrationsConfig } from './options.ts';
