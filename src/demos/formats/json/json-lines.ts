import { isRecord } from '../../../common/is-record.ts';
import { type Episode, LIMITS } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { DemonstrationMetadata } from '../../metadata.ts';
import type { ByteSource } from '../byte-source.ts';
import { FileSink } from '../file-sink.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter, ReadOptions } from '../format.ts';
import { openSource } from '../open-source.ts';
import { orDamage } from '../or-damage.ts';
import { refuseKeys } from '../selection.ts';
import { isTransition } from '../transitions/read-item.ts';
import { episodeFromJson, episodeToJson } from './episode-json.ts';
import { FORMAT, readHeader, VERSION } from './header.ts';
import { parseText } from './parse-text.ts';
import { type PlainItem, PlainReader } from './plain-reader.ts';
import { skipByteOrderMark } from './scanner.ts';

/**
 * JSON Lines: a line with `format`, `version` and `metadata`, a line for each episode, and a last line `{"episodes": N}`.
 *
 * Nothing written is ever changed, so a file whose writer was killed holds every episode that had ended: a last line
 * without its line end is left out, and `incomplete` says so. Lines of single transitions, as others write them, are read, too.
 */
export const jsonLinesFormat: DemonstrationFormat = {
  name: 'JSON Lines',
  extensions: ['.jsonl'],
  files: path => [path],
  async open(path, options) {
    const source = await openSource(path, 'JSON Lines');
    try {
      return openJsonLines(path, source, options);
    } catch (error) {
      source.close();
      throw error;
    }
  },
  async create(path, metadata) {
    return new JsonLinesWriter(path, metadata);
  },
};

export function headerLine(metadata: DemonstrationMetadata | null): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, metadata })}\n`;
}

export function episodeLine(episode: Episode): string {
  return `${episodeToJson(episode)}\n`;
}

export function closingLine(episodes: number): string {
  return `${JSON.stringify({ episodes })}\n`;
}

function openJsonLines(path: string, source: ByteSource, options: ReadOptions): DemonstrationReader {
  skipByteOrderMark(source);
  const start = source.position;
  const lines = new Lines(source);
  const header = lines.next();
  if (header === null)
    throw new DemonstrationFileError('it ends within its first line, before the first episode: there is nothing in it');
  const value = parseText(header, source.position);
  if (isTransition(value)) return new PlainReader(path, source, plainLines(source, start), options);
  if (!isRecord(value)) throw new DemonstrationFileError('its first line is not an object');
  refuseKeys(path, options);
  return new JsonLinesReader(source, lines, readHeader(value), options);
}

/** The lines of a file that are not blank. */
class Lines {
  /** The number of the last line, from 1. */
  number = 0;
  private readonly source: ByteSource;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** The next line; null if the file ends before its line does. */
  next(): string | null {
    for (;;) {
      const line = this.source.takeLine(LIMITS.bytes);
      if (line === null) return null;
      this.number++;
      const text = line.toString('utf8');
      if (text.trim() !== '') return text;
    }
  }

  /** What is behind the last line's end. */
  rest(): string {
    return this.source.takeRest(LIMITS.bytes).toString('utf8').trim();
  }
}

/** A transition a line, as others write them; the last line may lack its end. */
function* plainLines(source: ByteSource, start: number): Generator<PlainItem, void, void> {
  source.seek(start);
  const lines = new Lines(source);
  for (let text = lines.next(); text !== null; text = lines.next())
    yield { where: `line ${lines.number}`, text, end: source.position };
  const text = lines.rest();
  if (text !== '') yield { where: `line ${lines.number + 1}`, text, end: source.size };
}

class JsonLinesReader implements DemonstrationReader {
  readonly metadata: DemonstrationMetadata | null;
  incomplete: string | null = null;
  readonly layout = null;
  readonly notes = [];
  private readonly source: ByteSource;
  private readonly lines: Lines;
  private readonly options: ReadOptions;

  constructor(source: ByteSource, lines: Lines, metadata: DemonstrationMetadata | null, options: ReadOptions) {
    this.source = source;
    this.lines = lines;
    this.metadata = metadata;
    this.options = options;
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    for (let index = 0; ; index++) {
      const line = this.lines.next();
      if (line === null) {
        this.incomplete =
          this.lines.rest() === ''
            ? `Recording was cut short after ${index} episodes.`
            : `Recording was cut short within episode ${index}, which was left out.`;
        return;
      }
      let ended = false;
      yield* orDamage(this.options, `episode ${index}`, () => {
        const value = parseText(line, this.source.position);
        ended = isRecord(value) && Object.hasOwn(value, 'episodes');
        if (!ended) return [episodeFromJson(value)];
        this.end((value as Record<string, unknown>).episodes, index); // A record: just checked.
        return [];
      });
      if (ended) return;
    }
  }

  async close(): Promise<void> {
    this.source.close();
  }

  private end(episodes: unknown, found: number): void {
    if (episodes !== found)
      throw new DemonstrationFileError(
        `it has ${found} episodes, and its last line counts ${JSON.stringify(episodes)}`,
      );
    const { remaining } = this.source;
    if (this.lines.next() !== null || this.lines.rest() !== '')
      throw new DemonstrationFileError(`it goes on for ${remaining} bytes after its last line`);
  }
}

class JsonLinesWriter implements DemonstrationWriter {
  private readonly sink: FileSink;
  private count = 0;

  constructor(path: string, metadata: DemonstrationMetadata | null) {
    this.sink = new FileSink(path);
    this.sink.write(headerLine(metadata));
  }

  async write(episode: Episode): Promise<void> {
    this.sink.write(episodeLine(episode));
    this.count++;
  }

  async close(): Promise<void> {
    this.sink.write(closingLine(this.count));
    this.sink.commit();
  }

  async abort(): Promise<void> {
    this.sink.abort();
  }
}
