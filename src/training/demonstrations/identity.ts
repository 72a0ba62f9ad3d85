import { fingerprintDemonstrations } from '../../demos/index.ts';
import { DemonstrationsChangedError } from '../errors.ts';
import type { DemonstrationFile } from './options.ts';

/** The files with the hash of their content. Throws UsageError, DemonstrationFileError. */
export async function identifyDemonstrations(files: readonly DemonstrationFile[]): Promise<DemonstrationFile[]> {
  return Promise.all(files.map(async ({ path }) => ({ path, sha256: await fingerprintDemonstrations(path) })));
}

/** Throws DemonstrationsChangedError where a file is not what its hash says, DemonstrationFileError where there is none. */
export async function checkDemonstrationsUnchanged(files: readonly DemonstrationFile[]): Promise<void> {
  for (const [i, { sha256: found }] of (await identifyDemonstrations(files)).entries()) {
    const { path, sha256 } = files[i] as DemonstrationFile; // There are as many.
    if (sha256 !== null && found !== sha256)
      throw new DemonstrationsChangedError(
        `The run began with other demonstrations: the SHA-256 of ${path} was ${sha256.slice(0, 16)}…, and is ${found?.slice(0, 16)}…. ` +
          'Bring the file back (--demos says where it is now), or start a new run.',
      );
  }
}
