import type { Episode } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { DemonstrationMetadata } from '../../metadata.ts';
import { ByteSource } from '../byte-source.ts';
import { FileSink } from '../file-sink.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter } from '../format.ts';
import { episodeFromJson, episodeToJson } from './episode-json.ts';
import { FORMAT, readHeader, VERSION } from './header.ts';
import { JsonScanner } from './scanner.ts';

/** One JSON object: `format`, `version`, `metadata` and the list of `episodes`, read and written an episode at a time. */
export const jsonFormat: DemonstrationFormat = {
  name: 'JSON',
  extensions: ['.json'],
  files: path => [path],
  async open(path) {
    return new JsonReader(path);
  },
  async create(path, metadata) {
    return new JsonWriter(path, metadata);
  },
};

class JsonReader implements DemonstrationReader {
  readonly metadata: DemonstrationMetadata | null;
  readonly incomplete = null;
  private readonly source: ByteSource;
  /** Where the list of episodes begins, bytes. */
  private readonly episodesAt: number;

  constructor(path: string) {
    this.source = new ByteSource(path);
    try {
      const scanner = new JsonScanner(this.source);
      const header: Record<string, unknown> = {};
      let episodesAt = -1;
      for (const key of scanner.keys()) {
        // Keys may come in any order: programs that rewrite JSON sort them.
        if (key === 'episodes') {
          episodesAt = this.source.position;
          scanner.skip();
        } else if (Object.hasOwn(HEADER, key)) header[key] = scanner.value();
        else scanner.skip();
      }
      scanner.end();
      this.metadata = readHeader(header);
      if (episodesAt < 0) throw new DemonstrationFileError('it has no "episodes"');
      this.episodesAt = episodesAt;
    } catch (error) {
      this.source.close();
      throw error;
    }
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    this.source.seek(this.episodesAt);
    const scanner = new JsonScanner(this.source);
    let index = 0;
    for (const _ of scanner.elements()) {
      const value = scanner.value();
      try {
        yield episodeFromJson(value);
      } catch (error) {
        throw inEpisode(index, error);
      }
      index++;
    }
  }

  async close(): Promise<void> {
    this.source.close();
  }
}

const HEADER = { format: true, version: true, metadata: true } as const;

/** Says which episode a complaint is about. */
export function inEpisode(index: number, error: unknown): unknown {
  if (!(error instanceof DemonstrationFileError)) return error;
  return new DemonstrationFileError(`episode ${index}: ${error.message}`, { cause: error });
}

class JsonWriter implements DemonstrationWriter {
  private readonly sink: FileSink;
  private count = 0;

  constructor(path: string, metadata: DemonstrationMetadata | null) {
    this.sink = new FileSink(path);
    const described = JSON.stringify(metadata, null, 2).replaceAll('\n', '\n  ');
    this.sink.write(
      `{\n  "format": "${FORMAT}",\n  "version": ${VERSION},\n  "metadata": ${described},\n  "episodes": [`,
    );
  }

  async write(episode: Episode): Promise<void> {
    this.sink.write(`${this.count++ > 0 ? ',' : ''}\n    ${episodeToJson(episode, '    ')}`);
  }

  async close(): Promise<void> {
    this.sink.write(this.count > 0 ? '\n  ]\n}\n' : ']\n}\n');
    this.sink.commit();
  }

  async abort(): Promise<void> {
    this.sink.abort();
  }
}
