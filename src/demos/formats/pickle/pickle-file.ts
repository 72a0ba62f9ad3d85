import { rmSync } from 'node:fs';
import { writeFileAtomically } from '../../../common/atomic-file.ts';
import { actionSize, type Episode, EpisodeBuilder, observationSize, sameBits } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { DemonstrationMetadata } from '../../metadata.ts';
import { ByteSource } from '../byte-source.ts';
import { FileSink, refuseExisting, writeError } from '../file-sink.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter } from '../format.ts';
import { TransitionEncoder } from './encode.ts';
import { PickleMachine } from './machine.ts';
import { countUses } from './memo.ts';
import { readSidecar, type Sidecar, type SidecarEpisode, sidecarPath, sidecarText } from './sidecar.ts';
import { type PickledTransition, readTransition } from './transitions.ts';

/**
 * A Python pickle: a list of `(state, action, reward, next_state, done)` with numpy arrays, `done` meaning terminated. Where
 * episodes end otherwise, and all else, is in a JSON file beside it; without that, an episode ends where `done` is true,
 * or where a state is not the next state before it.
 */
export const pickleFormat: DemonstrationFormat = {
  name: 'pickle',
  extensions: ['.pickle', '.pkl'],
  files: path => [path, sidecarPath(path)],
  async open(path) {
    return new PickleReader(path);
  },
  async create(path, metadata) {
    return new PickleWriter(path, metadata);
  },
};

class PickleReader implements DemonstrationReader {
  readonly incomplete = null;
  private readonly source: ByteSource;
  private readonly sidecar: Sidecar | null;

  constructor(path: string) {
    this.sidecar = readSidecar(path);
    this.source = new ByteSource(path);
    try {
      const first = this.source.next();
      const protocol = this.source.next();
      if (first !== 0x80) throw new DemonstrationFileError('it is not a pickle of protocol 2 or later');
      if (protocol < 2 || protocol > 5)
        throw new DemonstrationFileError(`it has pickle protocol ${protocol}, and 2 to 5 are read`);
    } catch (error) {
      this.source.close();
      throw error;
    }
  }

  get metadata(): DemonstrationMetadata | null {
    return this.sidecar?.metadata ?? null;
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    this.source.seek(0);
    const uses = countUses(this.source);
    this.source.seek(0);
    const transitions = numbered(new PickleMachine(this.source, uses).items());
    yield* this.sidecar === null ? byContent(transitions) : bySidecar(transitions, this.sidecar.episodes);
  }

  async close(): Promise<void> {
    this.source.close();
  }
}

function* numbered(items: Generator<Parameters<typeof readTransition>[0]>): Generator<PickledTransition, void, void> {
  let index = 0;
  for (const item of items) {
    let transition: PickledTransition;
    try {
      transition = readTransition(item);
    } catch (error) {
      if (!(error instanceof DemonstrationFileError)) throw error;
      throw new DemonstrationFileError(`item ${index}: ${error.message}`, { cause: error });
    }
    yield transition;
    index++;
  }
}

function* byContent(transitions: Iterable<PickledTransition>): Generator<Episode, void, void> {
  const builder = new EpisodeBuilder();
  const finish = (end: Episode['end']) => builder.finish({ end, success: null, start: null });
  for (const transition of transitions) {
    const { lastObservation } = builder;
    if (lastObservation !== null && !sameBits(lastObservation, transition.observation)) yield finish('truncated');
    builder.add(transition);
    if (transition.done) yield finish('terminated');
  }
  if (builder.length > 0) yield finish('truncated');
}

function* bySidecar(
  transitions: Iterable<PickledTransition>,
  episodes: readonly SidecarEpisode[],
): Generator<Episode, void, void> {
  const builder = new EpisodeBuilder();
  let index = 0;
  for (const transition of transitions) {
    const entry = episodes[index];
    if (entry === undefined) throw notItsSidecar(`it has more transitions than the ${index} episodes there`);
    builder.add(transition);
    const last = builder.length === entry.length;
    if (transition.done !== (last && entry.end === 'terminated'))
      throw notItsSidecar(`episode ${index} is ${transition.done ? '' : 'not '}done at step ${builder.length - 1}`);
    if (!last) continue;
    yield builder.finish(entry);
    index++;
  }
  if (builder.length > 0 || index < episodes.length)
    throw notItsSidecar(`it ends within episode ${index}, and there are ${episodes.length}`);
}

function notItsSidecar(what: string): DemonstrationFileError {
  return new DemonstrationFileError(
    `the .json file beside it belongs to other demonstrations: ${what}. Move it away to read the transitions alone`,
  );
}

class PickleWriter implements DemonstrationWriter {
  private readonly path: string;
  private readonly metadata: DemonstrationMetadata | null;
  private readonly sink: FileSink;
  private readonly encoder = new TransitionEncoder();
  private readonly episodes: SidecarEpisode[] = [];

  constructor(path: string, metadata: DemonstrationMetadata | null) {
    refuseExisting(sidecarPath(path));
    this.path = path;
    this.metadata = metadata;
    this.sink = new FileSink(path);
  }

  async write(episode: Episode): Promise<void> {
    const { length, observations, actions, rewards, nextObservations, end, success, start } = episode;
    const [size, width] = [observationSize(episode), actionSize(episode)];
    for (let i = 0; i < length; i++) {
      const step = {
        observation: observations.subarray(i * size, (i + 1) * size),
        action: actions.subarray(i * width, (i + 1) * width),
        reward: rewards[i] as number,
        nextObservation: nextObservations.subarray(i * size, (i + 1) * size),
      };
      this.sink.write(this.encoder.add(step, i === length - 1 && end === 'terminated'));
    }
    this.episodes.push({ length, end, success, start });
  }

  async close(): Promise<void> {
    this.sink.write(this.encoder.end());
    const sidecar = sidecarPath(this.path);
    try {
      // First, so that a pickle of ours is never seen without it.
      writeFileAtomically(sidecar, sidecarText({ metadata: this.metadata, episodes: this.episodes }));
    } catch (error) {
      this.sink.abort();
      throw writeError(sidecar, error);
    }
    try {
      this.sink.commit();
    } catch (error) {
      rmSync(sidecar, { force: true });
      throw error;
    }
  }

  async abort(): Promise<void> {
    this.sink.abort();
  }
}
