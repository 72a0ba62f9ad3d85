/**
 * graspbridge: learn to grasp in simulation, from TypeScript.
 *
 * ```ts
 * import { train } from 'graspbridge';
 * const { evaluation, checkpoint } = await train({ options: { env: 'SawyerReach-v1', seed: 1 } });
 * ```
 *
 * What is exported here is the public API; everything else may change without notice.
 */

export * from './agents/index.ts';
export * from './bridge/index.ts';
export { EnvironmentError, GraspbridgeError, UsageError } from './common/errors.ts';
export { Random, type RandomState } from './common/random.ts';
export type { StateDict, StateLeaf, StateValue } from './common/state-dict.ts';
export {
  type Actor,
  type ConvertResult,
  convertDemonstrations,
  createDemonstrations,
  createExpert,
  DemonstrationExistsError,
  DemonstrationFileError,
  type DemonstrationMetadata,
  DemonstrationMismatchError,
  type DemonstrationReader,
  type Demonstrations,
  DemonstrationWriteError,
  type DemonstrationWriter,
  describeEnv,
  type Episode,
  type EpisodeStart,
  type Expert,
  type ExpertOptions,
  type FileLayout,
  type Inspection,
  inspectDemonstrations,
  type LoadOptions,
  loadDemonstrations,
  openDemonstrations,
  RecordingError,
  type RecordRequest,
  type RecordResult,
  type ReplayResult,
  randomActor,
  record,
  replayDemonstrations,
  type Selection,
  UnsafePickleError,
  type ValidationResult,
  validateDemonstrations,
} from './demos/index.ts';
export * from './engine/index.ts';
export * from './envs/index.ts';
export * from './training/index.ts';
