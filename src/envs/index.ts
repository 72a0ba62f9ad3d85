export { type CheckEnvOptions, checkEnv } from './check-env.ts';
export {
  autoGrasp,
  FIRM_GRASP,
  type GraspRule,
  isGrasped,
  isHeldFirmly,
  ORIGINAL_GRASP,
  PADS_GRASP,
  padsDistance,
} from './controllers/auto-grasp.ts';
export type { Controller, ControlOutcome } from './controllers/controller.ts';
export { endPositionController } from './controllers/end-position.ts';
export { jointVelocityController } from './controllers/joint-velocity.ts';
export { facingDown, handYaw, tipDisplacementController } from './controllers/tip-displacement.ts';
export type { Env, Info, ResetOptions, ResetResult, StepResult } from './env.ts';
export { EnvContractError, EpisodeOverError, InvalidActionError } from './errors.ts';
export type { Quantity } from './quantities.ts';
export {
  checkRegisteredEnv,
  type EnvSpec,
  envSpec,
  isOwnEnv,
  listEnvs,
  listSimulators,
  type MakeContext,
  makeEnv,
  objectiveOf,
  registerEnv,
  type SimulatorFactory,
} from './registry.ts';
export { SawyerEnv } from './sawyer-env.ts';
export {
  type Box,
  box,
  contains,
  type Discrete,
  discrete,
  type ElementOf,
  flatSize,
  type Space,
  sample,
} from './spaces.ts';
export { graspTask } from './tasks/grasp.ts';
export { type GraspOptions, graspOptions } from './tasks/grasp-options.ts';
export { type LiftOptions, liftOptions, liftTask } from './tasks/lift.ts';
export { type ReachOptions, reachOptions, reachTask } from './tasks/reach.ts';
export {
  type Block,
  HOME_JOINTS,
  LIFT_BLOCK,
  ORIGINAL_BLOCK,
  ORIGINAL_JOINTS,
  restingHeight,
  TABLE_TOP,
  yawError,
} from './tasks/target.ts';
export type { Evaluation, StartOptions, Task } from './tasks/task.ts';
export { type VectorActions, VectorEnv } from './vector-env.ts';
export { ContractChecks } from './wrappers/contract-checks.ts';
export { EpisodeStatistics, type EpisodeSummary } from './wrappers/episode-statistics.ts';
export { NormalizedActions } from './wrappers/normalized-actions.ts';
export { TimeLimit } from './wrappers/time-limit.ts';
export { unwrapped, Wrapper } from './wrappers/wrapper.ts';
