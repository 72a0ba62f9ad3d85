export {
  type Algorithm,
  type AlgorithmContext,
  algorithmLabel,
  DEFAULT_ALGORITHM,
  listAlgorithms,
  loadAlgorithm,
  type OffPolicyAlgorithm,
  registerPolicy,
} from './algorithms.ts';
export {
  BusAddressError,
  type BusKeys,
  BusKeysError,
  LearnerLostError,
  readKeys,
  WorkerRefusedError,
  writeNewKeys,
} from './bus/index.ts';
export { type Checkpoint, readCheckpoint, readCheckpointMeta, writeCheckpoint } from './checkpoint.ts';
export type { CheckpointMeta } from './checkpoint-format.ts';
export { CheckpointStore } from './checkpoint-store.ts';
export { resolveConfig, type TrainConfig, type TrainOptions } from './config.ts';
export { drawCurves } from './curves/curves.ts';
export type { RunCurves } from './curves/groups.ts';
export {
  CheckpointDamagedError,
  CheckpointMismatchError,
  CheckpointWriteError,
  DemonstrationsChangedError,
  ExportMismatchError,
  RunDamagedError,
  RunExistsError,
  RunGoneError,
  RunLockedError,
  RunNotFoundError,
  RunNotWritableError,
  TrainingDivergedError,
} from './errors.ts';
export { type EvaluatedEpisode, type EvaluateOptions, type EvaluationResult, evaluate, summarize } from './evaluate.ts';
export { type ExportOptions, type ExportResult, exportPolicy } from './export-policy.ts';
export { type EvaluationRecord, type MetricsRecord, readMetrics, type TrainRecord } from './metrics.ts';
export { type PolicyPilot, pilotOf } from './pilot.ts';
export { PPO, type PpoSettings } from './ppo.ts';
export { PRESET_KEYS, PRESETS, unusedKeys } from './presets.ts';
export type { Progress, TrainEvent, TrainSummary } from './progress.ts';
export { readRunCurves, writeCurves, writePicture } from './run-curves.ts';
export { listRuns, RunDirectory } from './run-directory.ts';
export { RunFeed, type RunOverview, type RunUpdate } from './run-feed.ts';
export { checkEnvironment } from './setup.ts';
export { type Interval, wilsonInterval } from './statistics.ts';
export {
  findCheckpoint,
  type LoadedPolicy,
  loadPolicy,
  type SimulatorChoice,
  type TestOptions,
  testPolicy,
} from './test-policy.ts';
export { type TrainHooks, type TrainRequest, train } from './train.ts';
export type { WorkersStatus } from './training-loop.ts';
export type { TrustOptions } from './trust.ts';
export { openWandb, type WandbBoard, type WandbOptions } from './wandb/index.ts';
export { runWorker, type WorkerEnd, type WorkerOptions, WorkersFailedError } from './workers/index.ts';
