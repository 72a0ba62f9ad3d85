import { statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { findsByItself } from '../bridge/coppeliasim/supervisor/installation.ts';
import { UsageError } from '../common/errors.ts';
import { isRecord } from '../common/is-record.ts';
import { oneLine } from '../common/one-line.ts';
import { isInside, isNetworkPath, realPath } from '../common/paths.ts';
import { irregularFile, readTextFile } from '../common/regular-file.ts';
import { isPolicyModule } from './algorithms.ts';

/**
 * What may be run although only data names it. A configuration from a run, a checkpoint or a learner is data: it may come
 * from someone else, and what it names is checked by {@link admit} before anything is loaded, started or opened.
 */
export interface TrustOptions {
  /**
   * Files and folders of the user's own: modules, scenes and CoppeliaSim installations there may be used although only a
   * run, a checkpoint or a learner names them.
   */
  readonly trust?: readonly string[];
  /** Called with what is used because data names it, one line each. */
  readonly onNotice?: (message: string) => void;
}

/** Where a configuration comes from. */
export interface DataSource {
  /** For people, such as `the run runs/mine`. */
  readonly name: string;
  /** Folders that came with it: code in them is not the user's. */
  readonly folders: readonly string[];
}

/** The source of a checkpoint's configuration. */
export function checkpointSource(path: string): DataSource {
  const folder = dirname(resolve(path));
  // In a run, its checkpoints have a folder of their own.
  const run = basename(folder) === 'checkpoints' ? [dirname(folder)] : [];
  return { name: `the checkpoint ${path}`, folders: [folder, ...run] };
}

/** What a configuration names and the user's command does not. */
export interface NamedByData {
  /** A name, or the path of a module. */
  readonly algorithm?: string | undefined;
  readonly simulator?: string;
  readonly simulatorOptions?: Readonly<Record<string, unknown>> | undefined;
  /** Files that are read as data. */
  readonly files?: readonly string[];
}

/** Options of a simulator that are never taken from data: arguments of its program, and a file that it writes. */
const NEVER_FROM_DATA: readonly string[] = ['args', 'log'];

/**
 * Checks what a configuration names before it is used.
 *
 * - A module, or a scene of CoppeliaSim, which contains scripts, is used if it is inside the working folder and outside of
 *   everything that came with the data.
 * - A CoppeliaSim is started if it is the one that this machine finds by itself.
 * - Other files are only read. They must be regular files of this computer.
 *
 * `trust` allows more. Returns the simulator's options without those that are never taken from data.
 *
 * Throws UsageError listing everything that is not allowed, with the way to allow it.
 */
export function admit(
  named: NamedByData,
  source: DataSource,
  { trust = [], onNotice = () => {} }: TrustOptions = {},
): Readonly<Record<string, unknown>> {
  const { algorithm, simulator, simulatorOptions = {}, files = [] } = named;
  const isTrusted = trustedPaths(trust);
  const problems: Problem[] = [];
  const notices: string[] = [];
  const coppeliaSim = simulator === 'coppeliasim';
  const examine = (what: string, path: unknown, objectionTo: (path: string) => string | null, runs: boolean) => {
    if (typeof path !== 'string') return;
    const objection = isTrusted(path) ? null : isNetworkPath(path) ? 'it is on another computer' : objectionTo(path);
    if (objection !== null) problems.push({ what, path, objection, runs });
    else if (runs) notices.push(`Using the ${what} ${oneLine(realPath(path))}, which ${source.name} names.`);
  };
  const { scene, sceneFile, coppeliasim } = simulatorOptions;
  if (algorithm !== undefined && isPolicyModule(algorithm))
    examine('policy module', algorithm, path => objectionToCode(path, source), true);
  if (coppeliaSim) {
    examine('CoppeliaSim', coppeliasim, objectionToProgram, true);
    examine('CoppeliaSim scene', scene, path => objectionToCode(path, source) ?? objectionToFile(path), true);
  } else examine('scene', scene, objectionToFile, false);
  examine('scene file', sceneFile, objectionToFile, false);
  for (const file of files) examine('file', file, objectionToFile, false);
  if (problems.length > 0) throw new UsageError(describe(problems, source));
  for (const notice of notices) onNotice(notice);
  const ignored = NEVER_FROM_DATA.filter(option => simulatorOptions[option] !== undefined);
  for (const option of ignored)
    onNotice(`The simulator option "${option}" of ${source.name} is not used: data does not choose it.`);
  return Object.fromEntries(Object.entries(simulatorOptions).filter(([option]) => !ignored.includes(option)));
}

/** Returns whether a path is a trusted one, or inside of one. Throws UsageError for trusted paths that do not exist. */
export function trustedPaths(trust: readonly string[]): (path: string) => boolean {
  const missing = trust.filter(path => statSync(path, { throwIfNoEntry: false }) === undefined);
  if (missing.length > 0)
    throw new UsageError(
      `--trust needs files or folders, and there is nothing at ${missing.join(', ')}. Check the path, or leave it out.`,
    );
  return path =>
    // A path on another computer is not looked at before it is known to be trusted.
    isNetworkPath(path)
      ? trust.some(trusted => isInside(resolve(trusted), resolve(path)))
      : trust.some(trusted => isInside(realPath(trusted), realPath(path)));
}

/** Why code at a path is not run; null if it is the user's own as far as can be told. */
function objectionToCode(path: string, { folders }: DataSource): string | null {
  const real = realPath(path);
  const here = realPath('.');
  if (!isInside(here, real)) return `it is outside the working folder ${here}`;
  const given = folders.map(realPath).find(folder => isInside(folder, real));
  if (given !== undefined) return `it came with the data, in ${given}`;
  const run = runFolderOf(real);
  if (run !== null) return `it is inside the run ${run}`;
  const names = relative(dirname(here), dirname(real)).toLowerCase().split(sep);
  return names.includes('runs') ? 'it is inside a folder of runs' : null;
}

/** The innermost run's folder that a file is in; null if it is in none. */
function runFolderOf(path: string): string | null {
  const folder = dirname(path);
  if (folder === path) return null;
  return holdsRun(folder) ? folder : runFolderOf(folder);
}

function holdsRun(folder: string): boolean {
  try {
    const config: unknown = JSON.parse(readTextFile(join(folder, 'config.json')));
    return isRecord(config) && isRecord(config.training);
  } catch {
    return false;
  }
}

function objectionToProgram(path: string): string | null {
  return findsByItself(path) ? null : 'it is not the CoppeliaSim that this machine finds by itself';
}

function objectionToFile(path: string): string | null {
  const kind = irregularFile(path);
  return kind === null ? null : `it is ${kind}, and a regular file is needed`;
}

interface Problem {
  readonly what: string;
  readonly path: string;
  readonly objection: string;
  /** Whether it would be run. */
  readonly runs: boolean;
}

function describe(problems: readonly Problem[], { name }: DataSource): string {
  const lines = problems.map(({ what, path, objection }) => `  ${what} ${oneLine(path)}: ${objection}`);
  const flags = problems.map(({ path }) => `--trust ${quoted(oneLine(path))}`).join(' ');
  const others = problems.some(({ what }) => what === 'CoppeliaSim')
    ? ' A CoppeliaSim of your own is named with --coppeliasim or COPPELIASIM_ROOT_DIR.'
    : '';
  const runs = problems.some(problem => problem.runs);
  return (
    `Only ${name} names what ${runs ? 'would run code' : 'would be opened'} here, so it is not used:\n${lines.join('\n')}\n` +
    `If you trust it, add ${flags}.${others}`
  );
}

/** A word for a shell, whatever is in it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
