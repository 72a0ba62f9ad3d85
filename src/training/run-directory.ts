import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomically } from '../common/atomic-file.ts';
import { UsageError } from '../common/errors.ts';
import { suggestion } from '../common/near-match.ts';
import { readTextFile } from '../common/regular-file.ts';
import { RunDamagedError, RunExistsError, RunNotFoundError, RunNotWritableError } from './errors.ts';
import { lockRun } from './run-lock.ts';
import { RunPresence } from './run-presence.ts';

/** Letters, digits, dot, dash and underscore, and no dot first: a name that is one folder on every system. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/** `SawyerGrasp-v1-sac-1-20261120-101500`: environment, algorithm, seed, and the time of the start. */
export function defaultRunName(env: string, algorithm: string, seed: number, now: Date): string {
  const digits = (value: number, width = 2) => String(value).padStart(width, '0');
  const date = `${now.getFullYear()}${digits(now.getMonth() + 1)}${digits(now.getDate())}`;
  const time = `${digits(now.getHours())}${digits(now.getMinutes())}${digits(now.getSeconds())}`;
  return `${env}-${algorithm}-${seed}-${date}-${time}`.replace(/[^A-Za-z0-9._-]/g, '-');
}

/**
 * One training's files:
 *
 * `config.json` (all that was chosen), `metrics.jsonl`, TensorBoard event files, `checkpoints/`, `curves.svg`,
 * `summary.json`, and `lock` while a process writes.
 */
export class RunDirectory {
  readonly path: string;
  /** While this process writes to it. */
  private presence: RunPresence | null = null;

  private constructor(path: string) {
    this.path = path;
  }

  /** The run's name: its folder's. */
  get name(): string {
    return basename(this.path);
  }
  get configPath(): string {
    return join(this.path, 'config.json');
  }
  get metricsPath(): string {
    return join(this.path, 'metrics.jsonl');
  }
  get checkpointsPath(): string {
    return join(this.path, 'checkpoints');
  }
  get curvesPath(): string {
    return join(this.path, 'curves.svg');
  }
  get summaryPath(): string {
    return join(this.path, 'summary.json');
  }

  /**
   * Makes a new run's folder.
   *
   * Throws RunExistsError where there is one of that name, whatever is in it; UsageError for a name that is no folder;
   * RunNotWritableError.
   */
  static create(runsDirectory: string, name: string): RunDirectory {
    checkName(name);
    const path = resolve(runsDirectory, name);
    try {
      mkdirSync(resolve(runsDirectory), { recursive: true });
      mkdirSync(path);
    } catch (error) {
      if (existsSync(path)) throw new RunExistsError(existsText(name, path));
      throw new RunNotWritableError(
        `Making the run's folder ${path} failed: ${error instanceof Error ? error.message : error}. Choose another --runs-dir.`,
        { cause: error },
      );
    }
    return new RunDirectory(path);
  }

  /** Throws what `create` would throw, and makes nothing: for telling it before time is spent. */
  static checkNew(runsDirectory: string, name: string): void {
    checkName(name);
    const path = resolve(runsDirectory, name);
    if (existsSync(path)) throw new RunExistsError(existsText(name, path));
  }

  /** Like `create`, with `-2`, `-3` … appended where the name is taken. */
  static createUnique(runsDirectory: string, name: string): RunDirectory {
    for (let attempt = 1; ; attempt++) {
      try {
        return RunDirectory.create(runsDirectory, attempt === 1 ? name : `${name}-${attempt}`);
      } catch (error) {
        if (!(error instanceof RunExistsError)) throw error;
      }
    }
  }

  /** Opens a run that is there, by its name or by its path. Throws RunNotFoundError with the near match. */
  static open(runsDirectory: string, run: string): RunDirectory {
    // A path, where it is spelled as one; otherwise a name.
    const path = /[/\\]/.test(run) || run === '.' ? resolve(run) : resolve(runsDirectory, run);
    if (!existsSync(join(path, 'config.json'))) {
      const folder = dirname(path);
      const names = listRuns(folder);
      const hint =
        names.length === 0
          ? ` There is no run in ${folder} yet: start one with train.`
          : suggestion(basename(path), names);
      throw new RunNotFoundError(`Opening the run ${run} failed: there is no config.json in ${path}.${hint}`);
    }
    return new RunDirectory(path);
  }

  /** The run started or continued last. Throws RunNotFoundError where there is none. */
  static latest(runsDirectory: string): RunDirectory {
    const names = listRuns(runsDirectory);
    const last = names.at(-1);
    if (last === undefined)
      throw new RunNotFoundError(
        `Looking for the latest run in ${resolve(runsDirectory)} found none. Start one with train, or name another --runs-dir.`,
      );
    return RunDirectory.open(runsDirectory, last);
  }

  /**
   * Takes the run for this process; call the result to give it back.
   *
   * Throws RunLockedError, and RunDamagedError if a link in the folder leads elsewhere: what this process writes to a run
   * stays in the run, also if its folder comes from someone else.
   */
  lock(): () => void {
    this.checkNoLinks();
    const unlock = lockRun(this.path);
    const presence = new RunPresence(this.path);
    this.presence = presence;
    return () => {
      this.presence = null;
      presence.close();
      unlock();
    };
  }

  private checkNoLinks(): void {
    const linksIn = (folder: string) =>
      readdirSync(folder, { withFileTypes: true })
        .filter(entry => entry.isSymbolicLink())
        .map(entry => join(folder, entry.name));
    const inside = linksIn(this.path);
    const links = existsSync(this.checkpointsPath) ? [...inside, ...linksIn(this.checkpointsPath)] : inside;
    if (links.length > 0)
      throw new RunDamagedError(
        `Writing to the run ${this.path} failed: ${links.join(', ')} ${links.length === 1 ? 'is a link' : 'are links'}, and a run's files are its own. ` +
          'Put the files themselves in their place.',
      );
  }

  /** Makes the folder of the checkpoints if there is none, for a run that is locked. */
  openCheckpoints(): void {
    this.checkPresent();
    if (!existsSync(this.checkpointsPath)) mkdirSync(this.checkpointsPath);
    this.presence?.watch(this.checkpointsPath);
  }

  /** Throws RunGoneError if the folder was deleted, moved or replaced since the run was locked. */
  checkPresent(): void {
    this.presence?.check();
  }

  /** Throws RunDamagedError where the file is not JSON. */
  readJson(path: string): unknown {
    try {
      return JSON.parse(readTextFile(path));
    } catch (error) {
      throw new RunDamagedError(
        `Reading ${path} failed: ${error instanceof Error ? error.message : error}. Repair the file, or start a new run.`,
        { cause: error },
      );
    }
  }

  /** Throws RunGoneError, and what the file system throws. */
  writeJson(path: string, value: unknown): void {
    this.checkPresent();
    writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
  }
}

/** Names of all runs in a directory, the one started or continued last at the end; what cannot be looked into is none. */
export function listRuns(runsDirectory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(runsDirectory);
  } catch {
    return [];
  }
  const started = (name: string) => {
    try {
      // config.json is written when a run starts or goes on.
      return statSync(join(runsDirectory, name, 'config.json')).mtimeMs;
    } catch {
      return null;
    }
  };
  return names
    .map(name => ({ name, time: started(name) }))
    .filter(run => run.time !== null)
    .sort((a, b) => Number(a.time) - Number(b.time) || (a.name < b.name ? -1 : 1))
    .map(run => run.name);
}

function existsText(name: string, path: string): string {
  if (!existsSync(join(path, 'config.json')))
    return `Creating the run ${name} failed: ${path} exists, and is not a run (it has no config.json). Choose another --name, or remove it.`;
  return `Creating the run ${name} failed: ${path} exists. Choose another --name, or continue that run with --resume --name ${name}.`;
}

function checkName(name: string): void {
  if (!NAME.test(name))
    throw new UsageError(
      `A run cannot be named "${name}". Use letters, digits, dots, dashes and underscores, 128 at most, and no dot first.`,
    );
}
