import { isDeepStrictEqual } from 'node:util';
import type { CheckpointMeta } from './checkpoint-format.ts';
import { fixedPart, type TrainConfig } from './config.ts';
import { CheckpointMismatchError } from './errors.ts';
import { checkConfig } from './run-files.ts';

/** What a checkpoint must have in common with the run whose folder it is in. */
export interface RunIdentity {
  /** The id in the run's config.json; null for a run of a version that gave none. */
  readonly id: string | null;
  readonly config: TrainConfig;
}

/** Throws CheckpointMismatchError if the checkpoint is of another run, naming the first difference. */
export function checkBelongs(
  { path, checkpoint: { meta } }: { readonly path: string; readonly checkpoint: { readonly meta: CheckpointMeta } },
  { id, config }: RunIdentity,
): void {
  const own = fixedPart(config);
  const other = fixedPart(checkConfig(meta.config, path));
  const key = Object.keys({ ...own, ...other }).find(name => !isDeepStrictEqual(own[name], other[name]));
  const different =
    key !== undefined
      ? `its ${key} is ${JSON.stringify(other[key])}, the run's is ${JSON.stringify(own[key])}`
      : id !== null && meta.run !== undefined && meta.run !== id
        ? `its run has the id ${meta.run}, this run ${id}`
        : null;
  if (different !== null)
    throw new CheckpointMismatchError(
      `The checkpoint ${path} belongs to another run: ${different}. Move it out of this run's folder, or name one of the run's own with --checkpoint.`,
    );
}
