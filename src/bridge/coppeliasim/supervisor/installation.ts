import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { SimulatorStartError } from '../../errors.ts';

/** A CoppeliaSim found on this machine. */
export interface Installation {
  /** The folder it must be started in. */
  readonly folder: string;
  /** What is started. */
  readonly executable: string;
  /** Where it was found, for people: `--coppeliasim`, `COPPELIASIM_ROOT_DIR`, `PATH`. */
  readonly foundBy: string;
}

export interface FindOptions {
  /** The installation's folder, its macOS bundle, or the program itself. Nothing else is looked at where it is given. */
  readonly coppeliaSim?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The start script comes first: it sets the library paths that the program itself needs. */
const programs = [
  'coppeliaSim.sh',
  'coppeliaSim',
  'coppeliaSim.app/Contents/MacOS/coppeliaSim',
  'Contents/MacOS/coppeliaSim',
];

/**
 * Finds CoppeliaSim: where it is told, else in `COPPELIASIM_ROOT_DIR`, else on the `PATH`.
 *
 * @throws SimulatorStartError listing every place that was looked at.
 */
export function findInstallation(options: FindOptions = {}): Installation {
  const environment = options.environment ?? process.env;
  const looked: string[] = [];
  const places: { readonly place: string; readonly foundBy: string }[] = [];
  if (options.coppeliaSim !== undefined) places.push({ place: options.coppeliaSim, foundBy: '--coppeliasim' });
  else {
    const root = environment.COPPELIASIM_ROOT_DIR;
    if (root) places.push({ place: root, foundBy: 'COPPELIASIM_ROOT_DIR' });
    else looked.push('COPPELIASIM_ROOT_DIR, which is not set');
    for (const folder of new Set((environment.PATH ?? '').split(delimiter)))
      if (folder !== '') places.push({ place: folder, foundBy: 'PATH' });
  }
  for (const { place, foundBy } of places) {
    const path = resolve(place);
    if (foundBy === '--coppeliasim' && isProgram(path)) return installationOf(path, foundBy);
    for (const program of programs) {
      const candidate = join(path, program);
      if (isProgram(candidate)) return installationOf(candidate, foundBy);
    }
    if (foundBy !== 'PATH') looked.push(`${path} (${foundBy})`);
  }
  const onPath = places.filter(({ foundBy }) => foundBy === 'PATH').map(({ place }) => place);
  if (options.coppeliaSim === undefined) looked.push(`PATH: ${onPath.join(', ') || 'nothing'}`);
  throw new SimulatorStartError(
    `Looking for CoppeliaSim failed: there is no ${programs.slice(0, 3).join(', ')} that can be executed in\n${looked
      .map(place => `  ${place}`)
      .join(
        '\n',
      )}\nInstall CoppeliaSim 4.6 or later and name its folder with --coppeliasim or COPPELIASIM_ROOT_DIR, or use the embedded simulator (--simulator mujoco).`,
  );
}

/** Whether a path leads to the program that this machine finds without being told where. */
export function findsByItself(coppeliaSim: string): boolean {
  try {
    return findInstallation({ coppeliaSim }).executable === findInstallation().executable;
  } catch (error) {
    if (error instanceof SimulatorStartError) return false;
    throw error;
  }
}

/** What is on the PATH may be a link into the installation, which is the folder that matters. */
function installationOf(executable: string, foundBy: string): Installation {
  const real = realpathSync(executable);
  return { folder: dirname(real), executable: real, foundBy };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
