export { type Actor, noisyActor, randomActor } from './actor.ts';
export { type CheckedFile, openCheckedDemonstrations } from './checked-file.ts';
export { type ConvertResult, convertDemonstrations } from './convert.ts';
export { type Defect, describeDefect } from './defects.ts';
export { describeEnv, type EnvironmentOrigin } from './describe-env.ts';
export {
  actionSize,
  type Episode,
  EpisodeBuilder,
  type EpisodeStart,
  episodeReturn,
  observationSize,
  type Step,
} from './episode.ts';
export {
  DemonstrationExistsError,
  DemonstrationFileError,
  DemonstrationMismatchError,
  DemonstrationWriteError,
  RecordingError,
  UnsafePickleError,
} from './errors.ts';
export { createExpert, type Expert, type ExpertOptions } from './expert.ts';
export { fingerprintDemonstrations } from './fingerprint.ts';
export { checkFits, type Expected } from './fits.ts';
export {
  createDemonstrations,
  type DemonstrationReader,
  type DemonstrationWriter,
  type FileLayout,
  type ObservationKey,
  openDemonstrations,
  type ReadOptions,
  type Selection,
  type Split,
} from './formats/index.ts';
export { type Inspection, inspectDemonstrations, type Spread } from './inspect.ts';
export { checkNewRecording } from './journal.ts';
export { checkWeights, type Demonstrations, type LoadedFile, type LoadOptions, loadDemonstrations } from './load.ts';
export type { DemonstrationMetadata, EnvironmentDescription } from './metadata.ts';
export { type RecordedEpisode, type RecordRequest, type RecordResult, record } from './record.ts';
export { Recording } from './recording.ts';
export { type Comparison, type Replay, replayEpisode } from './replay.ts';
export { type ReplayOptions, type ReplayResult, replayDemonstrations } from './replay-file.ts';
export { type ValidationResult, validateDemonstrations } from './validate.ts';
