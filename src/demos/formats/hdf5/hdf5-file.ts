import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { actionSize, type Episode, observationSize } from '../../episode.ts';
import { DemonstrationExistsError, DemonstrationFileError, shown } from '../../errors.ts';
import { type DemonstrationMetadata, parseMetadata } from '../../metadata.ts';
import { ByteSource } from '../byte-source.ts';
import { refuseExisting, writeError } from '../file-sink.ts';
import { FollowingObservations } from '../following-observations.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter } from '../format.ts';
import { describeChoice, UndecidedObservationsError } from '../observation-keys.ts';
import type { FileLayout } from '../selection.ts';
import { type Choice, choose } from './choice.ts';
import { type Demonstration, type Description, ENDS } from './messages.ts';
import { Hdf5Thread } from './thread.ts';

/**
 * HDF5, written in robomimic's layout: `data/demo_0/{obs,next_obs}/observation`, `actions`, `rewards`, `dones` (1 where
 * terminated), with `num_samples` and the attributes of ours; `data` has `total`, `env_args` and, in `graspbridge`, all
 * metadata as JSON. Read are the layouts of robomimic, Minari, ManiSkill and D4RL.
 *
 * Source: robomimic's documentation, "Dataset Structure".
 */
export const hdf5Format: DemonstrationFormat = {
  name: 'HDF5',
  extensions: ['.hdf5', '.h5'],
  hasSplits: true,
  files: path => [path],
  async open(path, selection) {
    // The library itself would say only that it could not.
    checkSignature(path);
    const thread = Hdf5Thread.take();
    try {
      await thread.ask({ kind: 'open', path });
      while ((await thread.ask({ kind: 'check' })).checked !== true);
      const { description } = await thread.ask({ kind: 'describe' });
      if (description === undefined) throw new DemonstrationFileError('it could not be opened');
      return new Hdf5Reader(thread, description, choose(path, description, selection));
    } catch (error) {
      await thread.close();
      throw error;
    }
  },
  async create(path, metadata) {
    refuseExisting(path);
    const thread = Hdf5Thread.take();
    const writer = new Hdf5Writer(path, metadata, thread);
    await writer.begin();
    return writer;
  },
};

class Hdf5Reader implements DemonstrationReader {
  readonly metadata: DemonstrationMetadata | null;
  readonly incomplete = null;
  readonly layout: FileLayout;
  private readonly thread: Hdf5Thread;
  private readonly names: readonly string[];
  private readonly choice: Choice;
  private readonly following = new FollowingObservations();

  constructor(thread: Hdf5Thread, { layout, metadata, recordings, keys, splits }: Description, choice: Choice) {
    this.thread = thread;
    this.names = recordings;
    this.choice = choice;
    this.metadata = metadata === null ? null : parseMetadata(parseJson(metadata));
    this.layout = {
      name: layout,
      observationKeys: describeChoice(keys, choice),
      splits: splits.map(split => ({ name: split.name, episodes: split.recordings.length })),
      undecided: choice.undecided,
    };
  }

  get notes(): readonly string[] {
    return this.following.notes;
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    const { undecided, keys, recordings } = this.choice;
    if (undecided !== null) throw new UndecidedObservationsError(undecided);
    for (const index of recordings) {
      try {
        const { demonstration } = await this.thread.ask({ kind: 'read', index, keys });
        if (demonstration === undefined) throw new DemonstrationFileError('it could not be read');
        this.following.used ||= demonstration.leftOut !== null;
        this.following.leftOut += demonstration.leftOut ?? 0;
        yield* episodesOf(demonstration);
      } catch (error) {
        if (!(error instanceof DemonstrationFileError)) throw error;
        throw new DemonstrationFileError(`${shown(this.names[index] ?? '', 40)}: ${error.message}`, { cause: error });
      }
    }
  }

  async close(): Promise<void> {
    await this.thread.close();
  }
}

/** A recording that goes on after a step that ended an episode is taken as several episodes. */
function* episodesOf(demonstration: Demonstration): Generator<Episode, void, void> {
  const { observations, nextObservations, actions, rewards, ends, successes, success } = demonstration;
  const length = rewards.length;
  const [size, width] = [observations.length / length, actions.length / length];
  const last = length - 1;
  if (demonstration.end !== null && (ends[last] === ENDS.terminated) !== (demonstration.end === 'terminated'))
    throw new DemonstrationFileError(`its dones and its end, ${demonstration.end}, contradict each other`);
  for (let first = 0; first < length; ) {
    const found = ends.findIndex((end, i) => i >= first && end !== ENDS.none);
    const after = found < 0 ? length : found + 1;
    yield {
      length: after - first,
      observations: observations.slice(first * size, after * size),
      actions: actions.slice(first * width, after * width),
      rewards: rewards.slice(first, after),
      nextObservations: nextObservations.slice(first * size, after * size),
      end: ends[after - 1] === ENDS.terminated ? 'terminated' : 'truncated',
      success: successes === null ? success : successes[after - 1] === 1,
      start: first === 0 ? demonstration.start : null,
    };
    first = after;
  }
}

class Hdf5Writer implements DemonstrationWriter {
  private readonly path: string;
  private readonly aside: string;
  private readonly metadata: DemonstrationMetadata | null;
  private readonly thread: Hdf5Thread;
  private count = 0;
  private total = 0;

  constructor(path: string, metadata: DemonstrationMetadata | null, thread: Hdf5Thread) {
    this.path = path;
    this.aside = `${path}.${process.pid}.partial`;
    this.metadata = metadata;
    this.thread = thread;
  }

  begin(): Promise<void> {
    return this.guarded(async () => {
      await this.thread.ask({ kind: 'create', path: this.aside });
    });
  }

  write(episode: Episode): Promise<void> {
    const { length, observations, nextObservations, actions, rewards, end, success, start } = episode;
    const ends = new Uint8Array(length);
    ends[length - 1] = ENDS[end];
    const name = `demo_${this.count++}`;
    this.total += length;
    return this.guarded(async () => {
      const steps = { observations, nextObservations, actions, rewards, ends, successes: null, leftOut: null };
      if (observationSize(episode) < 1 || actionSize(episode) < 1) throw new DemonstrationFileError('it is empty');
      await this.thread.ask({ kind: 'write', name, demonstration: { ...steps, end, success, start } });
    });
  }

  close(): Promise<void> {
    const { metadata, total } = this;
    const environment =
      metadata === null
        ? null
        : JSON.stringify({
            env_name: metadata.environment.id,
            type: 'graspbridge',
            env_kwargs: metadata.environment.options,
          });
    const attributes = { environment, metadata: metadata === null ? null : JSON.stringify(metadata), total };
    return this.guarded(async () => {
      await this.thread.ask({ kind: 'finish', attributes });
      await this.thread.close();
      syncFile(this.aside);
      refuseExisting(this.path);
      renameSync(this.aside, this.path);
    });
  }

  async abort(): Promise<void> {
    await this.thread.close();
    rmSync(this.aside, { force: true });
  }

  /** Leaves nothing behind where it fails. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.abort();
      throw error instanceof DemonstrationExistsError ? error : writeError(this.path, error);
    }
  }
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DemonstrationFileError('its metadata is not JSON');
  }
}

/** Throws DemonstrationFileError where the file is not there, or does not begin as HDF5 does. */
function checkSignature(path: string): void {
  const source = new ByteSource(path);
  try {
    // A user's block of 512 bytes, or twice that and so on, may come first.
    for (let at = 0; at + SIGNATURE.length <= source.size; at = at === 0 ? 512 : 2 * at) {
      source.seek(at);
      if (source.take(SIGNATURE.length).equals(SIGNATURE)) return;
    }
    throw new DemonstrationFileError('it is not an HDF5 file');
  } finally {
    source.close();
  }
}

const SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
