import { rmSync } from 'node:fs';
import { writeFileAtomically } from '../../../common/atomic-file.ts';
import { actionSize, type Episode, EpisodeBuilder, observationSize } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { DemonstrationMetadata } from '../../metadata.ts';
import type { ByteSource } from '../byte-source.ts';
import { FileSink, refuseExisting, writeError } from '../file-sink.ts';
import { FollowingObservations } from '../following-observations.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter, ReadOptions } from '../format.ts';
import { openSource } from '../open-source.ts';
import { orDamage } from '../or-damage.ts';
import type { FileLayout } from '../selection.ts';
import { ObservationSelector } from '../transitions/observation.ts';
import { type ReadTransition, readItem, type Transitions } from '../transitions/read-item.ts';
import { splitEpisodes } from '../transitions/split-episodes.ts';
import { TransitionEncoder } from './encode.ts';
import { PickleMachine } from './machine.ts';
import { countUses } from './memo.ts';
import { readSidecar, type Sidecar, type SidecarEpisode, sidecarPath, sidecarText } from './sidecar.ts';

/**
 * A Python pickle: a list of `(state, action, reward, next_state, done)` with numpy arrays, `done` meaning terminated. Where
 * episodes end otherwise, and all else, is in a JSON file beside it; without that, an episode ends where `done` is true,
 * or where a state is not the next state before it.
 */
export const pickleFormat: DemonstrationFormat = {
  name: 'pickle',
  extensions: ['.pickle', '.pkl'],
  files: path => [path, sidecarPath(path)],
  async open(path, options) {
    const sidecar = readSidecar(path);
    return new PickleReader(path, await openSource(path, 'pickle'), sidecar, options);
  },
  async create(path, metadata) {
    return new PickleWriter(path, metadata);
  },
};

class PickleReader implements DemonstrationReader {
  readonly incomplete = null;
  private readonly source: ByteSource;
  private readonly sidecar: Sidecar | null;
  private readonly options: ReadOptions;
  private readonly selector: ObservationSelector;
  private readonly following = new FollowingObservations();

  constructor(path: string, source: ByteSource, sidecar: Sidecar | null, options: ReadOptions) {
    this.source = source;
    this.sidecar = sidecar;
    this.options = options;
    this.selector = new ObservationSelector(path, options);
  }

  get layout(): FileLayout | null {
    return this.sidecar === null ? this.selector.layout : null;
  }

  get notes(): readonly string[] {
    return this.following.notes;
  }

  get metadata(): DemonstrationMetadata | null {
    return this.sidecar?.metadata ?? null;
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    const transitions = this.transitions();
    yield* this.sidecar === null
      ? splitEpisodes(transitions, this.following)
      : bySidecar(transitions, this.sidecar.episodes);
  }

  async close(): Promise<void> {
    this.source.close();
  }

  /** The transitions of all pickles in the file: programs that append to one write another behind the last. */
  private *transitions(): Transitions {
    const { source, selector } = this;
    // Leaving an item out would shift all that the file beside it says.
    const { onDamage, ...strict } = this.options;
    const options = this.sidecar === null ? this.options : strict;
    let item = 0;
    let count = 0;
    for (const start of pickles(source)) {
      const uses = countUses(source);
      source.seek(start);
      for (const value of new PickleMachine(source, uses).items()) {
        const read = () => counted(readItem(value, selector));
        if (!(yield* orDamage(options, `item ${item++}`, read))) yield null;
      }
    }

    function* counted(transitions: Transitions): Transitions {
      for (const transition of transitions) {
        yield transition;
        // Every transition takes more than a byte, if the same one is not told again and again.
        if (++count > source.size)
          throw new DemonstrationFileError(`it has more transitions than its ${source.size} bytes could hold`);
      }
    }
  }
}

/** Where each pickle in the file begins; the source is left there, and must be behind its end for the next. */
function* pickles(source: ByteSource): Generator<number, void, void> {
  source.seek(0);
  const isText = source.peek() !== 0x80;
  while (source.remaining > 0) {
    const start = source.position;
    const first = source.next();
    const protocol = first === 0x80 ? source.next() : 1;
    if (isText ? !FIRST_OF_TEXT.includes(first) : first !== 0x80)
      throw new DemonstrationFileError(
        start === 0
          ? 'it is not a pickle'
          : `${source.size - start} bytes follow its end at byte ${start}, which are no pickle`,
      );
    if (first === 0x80 && (protocol < 2 || protocol > 5))
      throw new DemonstrationFileError(`it has pickle protocol ${protocol}, and 0 to 5 are read`);
    source.seek(start);
    yield start;
  }
}

/** What lists, tuples, dicts and deques begin with in protocols 0 and 1, which do not say that they are pickles. */
const FIRST_OF_TEXT: readonly number[] = Array.from('(])}c', sign => sign.charCodeAt(0));

function* bySidecar(
  transitions: Iterable<ReadTransition | null>,
  episodes: readonly SidecarEpisode[],
): Generator<Episode, void, void> {
  const builder = new EpisodeBuilder();
  let index = 0;
  for (const transition of transitions) {
    const entry = episodes[index];
    if (transition?.nextObservation == null) throw notItsSidecar('it is no list of single transitions');
    if (entry === undefined) throw notItsSidecar(`it has more transitions than the ${index} episodes there`);
    builder.add({ ...transition, nextObservation: transition.nextObservation });
    const last = builder.length === entry.length;
    const done = transition.end === 'terminated';
    if (done !== (last && entry.end === 'terminated'))
      throw notItsSidecar(`episode ${index} is ${done ? '' : 'not '}done at step ${builder.length - 1}`);
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
