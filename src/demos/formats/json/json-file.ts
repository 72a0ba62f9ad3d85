import type { Episode } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { DemonstrationMetadata } from '../../metadata.ts';
import type { ByteSource } from '../byte-source.ts';
import { FileSink } from '../file-sink.ts';
import type { DemonstrationFormat, DemonstrationReader, DemonstrationWriter, ReadOptions } from '../format.ts';
import { openSource } from '../open-source.ts';
import { orDamage } from '../or-damage.ts';
import { refuseKeys } from '../selection.ts';
import { hasAction } from '../transitions/roles.ts';
import { episodeFromJson, episodeToJson } from './episode-json.ts';
import { FORMAT, readHeader, VERSION } from './header.ts';
import { parseText } from './parse-text.ts';
import { type PlainItem, PlainReader } from './plain-reader.ts';
import { JsonScanner, skipByteOrderMark } from './scanner.ts';

/**
 * One JSON object: `format`, `version`, `metadata` and the list of `episodes`, read and written an episode at a time. Lists of
 * transitions and dicts of arrays, as others write them, are read, too.
 */
export const jsonFormat: DemonstrationFormat = {
  name: 'JSON',
  extensions: ['.json'],
  files: path => [path],
  async open(path, options) {
    const source = await openSource(path, 'JSON');
    try {
      skipByteOrderMark(source);
      return openJson(path, source, options);
    } catch (error) {
      source.close();
      throw error;
    }
  },
  async create(path, metadata) {
    return new JsonWriter(path, metadata);
  },
};

function openJson(path: string, source: ByteSource, options: ReadOptions): DemonstrationReader {
  const start = source.position;
  const scanner = new JsonScanner(source);
  if (scanner.isList()) return new PlainReader(path, source, listItems(source, start), options);
  const keys: Record<string, unknown> = {};
  const header: Record<string, unknown> = {};
  let episodesAt = -1;
  for (const key of scanner.keys()) {
    keys[key] = true;
    // Keys may come in any order: programs that rewrite JSON sort them.
    if (key === 'episodes') {
      episodesAt = source.position;
      scanner.skip();
    } else if (Object.hasOwn(HEADER, key)) header[key] = scanner.value();
    else scanner.skip();
  }
  scanner.end();
  if (header.format === undefined && hasAction(keys))
    return new PlainReader(path, source, wholeItem(source, start), options);
  const metadata = readHeader(header);
  if (episodesAt < 0) throw new DemonstrationFileError('it has no "episodes"');
  refuseKeys(path, options);
  return new JsonReader(source, metadata, episodesAt, options);
}

const HEADER = { format: true, version: true, metadata: true } as const;

function* listItems(source: ByteSource, start: number): Generator<PlainItem, void, void> {
  source.seek(start);
  const scanner = new JsonScanner(source);
  let index = 0;
  for (const _ of scanner.elements()) yield { where: `item ${index++}`, text: scanner.text(), end: source.position };
  scanner.end();
}

function* wholeItem(source: ByteSource, start: number): Generator<PlainItem, void, void> {
  source.seek(start);
  yield { where: 'item 0', text: new JsonScanner(source).text(), end: source.position };
}

class JsonReader implements DemonstrationReader {
  readonly metadata: DemonstrationMetadata | null;
  readonly incomplete = null;
  readonly layout = null;
  readonly notes = [];
  private readonly source: ByteSource;
  /** Where the list of episodes begins, bytes. */
  private readonly episodesAt: number;
  private readonly options: ReadOptions;

  constructor(source: ByteSource, metadata: DemonstrationMetadata | null, episodesAt: number, options: ReadOptions) {
    this.source = source;
    this.metadata = metadata;
    this.episodesAt = episodesAt;
    this.options = options;
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    this.source.seek(this.episodesAt);
    const scanner = new JsonScanner(this.source);
    let index = 0;
    for (const _ of scanner.elements()) {
      const text = scanner.text();
      yield* orDamage(this.options, `episode ${index++}`, () => [
        episodeFromJson(parseText(text, this.source.position)),
      ]);
    }
  }

  async close(): Promise<void> {
    this.source.close();
  }
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
