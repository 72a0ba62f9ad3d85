import { isRecord } from '../../../common/is-record.ts';
import { type Episode, LIMITS } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { DemonstrationMetadata } from '../../metadata.ts';
import { ByteSource } from '../byte-source.ts';
import { FileSink } from '../file-sink.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter } from '../format.ts';
import { episodeFromJson, episodeToJson } from './episode-json.ts';
import { FORMAT, readHeader, VERSION } from './header.ts';
import { inEpisode } from './json-file.ts';
import { parseText } from './scanner.ts';

/**
 * JSON Lines: a line with `format`, `version` and `metadata`, a line for each episode, and a last line `{"episodes": N}`.
 *
 * Nothing written is ever changed, so a file whose writer was killed holds every episode that had ended: a last line
 * without its line end is left out, and `incomplete` says so.
 */
export const jsonLinesFormat: DemonstrationFormat = {
  name: 'JSON Lines',
  extensions: ['.jsonl'],
  files: path => [path],
  async open(path) {
    return new JsonLinesReader(path);
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

class JsonLinesReader implements DemonstrationReader {
  readonly metadata: DemonstrationMetadata | null;
  incomplete: string | null = null;
  private readonly source: ByteSource;

  constructor(path: string) {
    this.source = new ByteSource(path);
    try {
      const header = this.line();
      if (header === null)
        throw new DemonstrationFileError(
          'it ends within its first line, before the first episode: there is nothing in it',
        );
      const value = parseText(header, this.source.position);
      if (!isRecord(value)) throw new DemonstrationFileError('its first line is not an object');
      this.metadata = readHeader(value);
    } catch (error) {
      this.source.close();
      throw error;
    }
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    for (let index = 0; ; index++) {
      const line = this.line();
      if (line === null) {
        this.incomplete =
          this.source.position > this.lineStart
            ? `Recording was cut short within episode ${index}, which was left out.`
            : `Recording was cut short after ${index} episodes.`;
        return;
      }
      let episode: Episode;
      try {
        const value = parseText(line, this.source.position);
        if (isRecord(value) && Object.hasOwn(value, 'episodes')) {
          this.end(value.episodes, index);
          return;
        }
        episode = episodeFromJson(value);
      } catch (error) {
        throw inEpisode(index, error);
      }
      yield episode;
    }
  }

  async close(): Promise<void> {
    this.source.close();
  }

  private lineStart = 0;

  /** The next line; null where the file ends before its line does. */
  private line(): string | null {
    const { source } = this;
    this.lineStart = source.position;
    let end = false;
    while (!end) {
      const byte = source.next();
      if (byte === -1) return null;
      end = byte === 0x0a;
      if (source.position - this.lineStart > LIMITS.bytes)
        throw new DemonstrationFileError(`it has a line of more than ${LIMITS.bytes} bytes`);
    }
    const after = source.position;
    source.seek(this.lineStart);
    return source.take(after - this.lineStart).toString('utf8');
  }

  private end(episodes: unknown, found: number): void {
    if (episodes !== found)
      throw new DemonstrationFileError(
        `it has ${found} episodes, and its last line counts ${JSON.stringify(episodes)}`,
      );
    if (this.source.remaining > 0)
      throw new DemonstrationFileError(`it goes on for ${this.source.remaining} bytes after its last line`);
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
