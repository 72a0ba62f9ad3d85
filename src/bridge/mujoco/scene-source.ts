import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, posix, resolve, sep } from 'node:path';
import { isInside } from '../../common/paths.ts';
import { checkRegularFile } from '../../common/regular-file.ts';
import { SceneError } from '../errors.ts';
import { type AssetFolders, type FileReference, isAbsolute, placesOf, referencesIn } from './scene-references.ts';
import { withoutComments } from './scene-xml.ts';

/** A scene file with all files that it refers to. */
export interface SceneSource {
  readonly path: string;
  readonly xml: string;
  /** Contents of the other files by their path relative to the scene's folder, with `/` between folders. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** The files that cannot be used, one line each. */
  readonly problems: readonly string[];
}

const megabyte = 1 << 20;
/** Bounds of what one scene can make us read. */
export const sceneLimits = {
  xmlBytes: 16 * megabyte,
  fileBytes: 64 * megabyte,
  bytes: 256 * megabyte,
  files: 1000,
  references: 10_000,
  depth: 16,
};

/**
 * Reads a scene file and the files that it refers to: includes, models, meshes, textures, height fields.
 *
 * Only files inside the folder of the scene file are read, wherever the scene's paths and links lead; any other one is
 * a problem of the scene, as is one that is missing or too large.
 *
 * @throws SceneError if the scene file itself cannot be read, or refers to too many files.
 */
export async function readScene(path: string): Promise<SceneSource> {
  const reader = new SceneReader(resolve(path));
  return reader.read(path);
}

class SceneReader {
  private readonly main: string;
  private folder = '';
  private readonly files = new Map<string, string | Uint8Array>();
  private readonly problems: string[] = [];
  private bytes = 0;
  private references = 0;

  constructor(path: string) {
    this.main = path;
  }

  async read(path: string): Promise<SceneSource> {
    if (/\.(?:ttt|ttm|simscene\.xml)$/i.test(path))
      throw new SceneError(
        `The scene ${path} is one of CoppeliaSim, which the embedded MuJoCo cannot read. Use --simulator coppeliasim, or give a MuJoCo XML file.`,
      );
    let xml: string;
    try {
      this.folder = await realpath(dirname(this.main));
      checkRegularFile(this.main);
      const status = await stat(this.main);
      if (status.size > sceneLimits.xmlBytes)
        throw new Error(`it has ${status.size} bytes, the limit is ${sceneLimits.xmlBytes}`);
      xml = await readFile(this.main, 'utf8');
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SceneError(
        `Reading the scene ${path} failed: ${reason}. Check the path; it must be a MuJoCo XML file.`,
        { cause },
      );
    }
    const name = posix.basename(this.main.split(sep).join('/'));
    await this.document(name, xml, []);
    return { path, xml, files: this.files, problems: this.problems };
  }

  /** Reads what one document needs: a main file with its includes, which share one set of `<compiler>` settings. */
  private async document(main: string, xml: string, chain: readonly string[]): Promise<void> {
    const folders: AssetFolders = { meshes: new Set(), textures: new Set(), stripPath: false };
    const assets: FileReference[] = [];
    await this.scan(main, main, xml, chain, folders, assets);
    for (const asset of assets) {
      const read = await this.load(asset, placesOf(asset, main, folders));
      if (asset.element !== 'model') continue;
      for (const [name, text] of read) await this.document(name, text, [...chain, main]);
    }
  }

  /** Follows the includes of an XML file, and collects its other references. */
  private async scan(
    name: string,
    main: string,
    xml: string,
    chain: readonly string[],
    folders: AssetFolders,
    assets: FileReference[],
  ): Promise<void> {
    for (const reference of referencesIn(name, withoutComments(xml), folders)) {
      // Before MuJoCo compiles them, which takes minutes.
      if (++this.references > sceneLimits.references)
        throw new SceneError(
          `The scene ${this.main} has too many references to files: the limit is ${sceneLimits.references}.`,
        );
      if (reference.element !== 'include') {
        assets.push(reference);
        continue;
      }
      const read = await this.load(reference, placesOf(reference, main, folders), [...chain, name]);
      for (const [included, text] of read) await this.scan(included, main, text, [...chain, name], folders, assets);
    }
  }

  /** Reads a file from wherever it is among `places`. Returns the XML texts that were not read before. */
  private async load(
    reference: FileReference,
    places: readonly string[],
    chain: readonly string[] = [],
  ): Promise<[name: string, text: string][]> {
    const isXml = reference.element === 'include' || reference.element === 'model';
    const read: [string, string][] = [];
    const complaints: string[] = [];
    let found = false;
    for (const place of new Set(places)) {
      const cycle = chain.indexOf(place);
      if (cycle >= 0) {
        this.complain(reference, `includes itself: ${[...chain.slice(cycle), place].join(' → ')}`);
        return [];
      }
      const result = this.files.has(place) ? 'known' : await this.tryRead(place, isXml, chain.length);
      if (typeof result !== 'string') {
        this.files.set(place, result.content);
        if (typeof result.content === 'string') read.push([place, result.content]);
      } else if (result !== 'known') {
        complaints.push(result);
        continue;
      }
      found = true;
    }
    if (!found) this.complain(reference, [...new Set(complaints)].join('; '));
    return read;
  }

  /** Returns the content of a file of the scene's folder, or why it is not read. */
  private async tryRead(
    place: string,
    isXml: boolean,
    depth: number,
  ): Promise<{ readonly content: string | Uint8Array } | string> {
    const outside = 'lies outside the folder of the scene';
    if (isAbsolute(place) || posix.normalize(place).startsWith('..')) return outside;
    const wanted = join(this.folder, place);
    let actual: string;
    try {
      actual = await realpath(wanted);
    } catch {
      return `not found: ${wanted}`;
    }
    if (!isInside(this.folder, actual)) return `${outside}: it is a link to ${actual}`;
    const status = await stat(actual);
    if (!status.isFile()) return `not a file: ${wanted}`;
    const limit = isXml ? sceneLimits.xmlBytes : sceneLimits.fileBytes;
    if (status.size > limit) return `too large: ${status.size} bytes, the limit is ${limit}`;
    if (depth > sceneLimits.depth) return `included too deeply: the limit is ${sceneLimits.depth} levels`;
    if (this.files.size >= sceneLimits.files) return `too many files: the limit is ${sceneLimits.files}`;
    if (this.bytes + status.size > sceneLimits.bytes)
      return `too much: the limit for all files of a scene together is ${sceneLimits.bytes} bytes`;
    this.bytes += status.size;
    try {
      return { content: isXml ? await readFile(actual, 'utf8') : await readFile(actual) };
    } catch (error) {
      return `cannot be read: ${error instanceof Error ? error.message : error}`;
    }
  }

  private complain({ from, line, element, file }: FileReference, complaint: string): void {
    this.problems.push(`${file} (<${element}> in ${from}, line ${line}): ${complaint}`);
  }
}
