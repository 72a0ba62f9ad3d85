import { existsSync } from 'node:fs';
import { isRecord } from '../../../common/is-record.ts';
import { readTextFile } from '../../../common/regular-file.ts';
import type { Episode } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { DemonstrationMetadata } from '../../metadata.ts';
import { readStart } from '../json/episode-json.ts';
import { readHeader, VERSION } from '../json/header.ts';
import { parseText } from '../json/parse-text.ts';

/** What a pickle's list has no place for: one entry an episode. */
export interface SidecarEpisode extends Pick<Episode, 'length' | 'end' | 'success' | 'start'> {}

export interface Sidecar {
  readonly metadata: DemonstrationMetadata | null;
  readonly episodes: readonly SidecarEpisode[];
}

const FORMAT = 'graspbridge-demonstrations-sidecar';

/** Where a pickle's metadata is, whether the pickle was compressed since or not. */
export function sidecarPath(path: string): string {
  return `${path.replace(/\.gz$/i, '')}.json`;
}

/** Reads what stands beside a pickle; null where nothing does. Throws DemonstrationFileError. */
export function readSidecar(path: string): Sidecar | null {
  const file = sidecarPath(path);
  if (!existsSync(file)) return null;
  try {
    const value = readText(file);
    if (!isRecord(value) || !Array.isArray(value.episodes)) throw new DemonstrationFileError('it lists no episodes');
    return { metadata: readHeader(value, FORMAT), episodes: value.episodes.map(readEntry) };
  } catch (error) {
    if (!(error instanceof DemonstrationFileError)) throw error;
    throw new DemonstrationFileError(
      `${file}, which stands beside it, cannot be used: ${error.message}. Move it away to read the transitions alone`,
      { cause: error },
    );
  }
}

function readText(file: string): unknown {
  let text: string;
  try {
    text = readTextFile(file);
  } catch (error) {
    throw new DemonstrationFileError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return parseText(text);
}

export function sidecarText({ metadata, episodes }: Sidecar): string {
  const lines = episodes.map(episode => JSON.stringify(episode));
  const described = JSON.stringify(metadata, null, 2).replaceAll('\n', '\n  ');
  return `{\n  "format": "${FORMAT}",\n  "version": ${VERSION},\n  "metadata": ${described},\n  "episodes": [\n    ${lines.join(',\n    ')}\n  ]\n}\n`;
}

function readEntry(value: unknown, index: number): SidecarEpisode {
  if (!isRecord(value)) throw new DemonstrationFileError(`its episode ${index} is no object`);
  const { length, end, success = null } = value;
  if (!Number.isSafeInteger(length) || (length as number) < 1)
    throw new DemonstrationFileError(`its episode ${index} has no length`);
  if (end !== 'terminated' && end !== 'truncated')
    throw new DemonstrationFileError(`the end of its episode ${index} is neither "terminated" nor "truncated"`);
  if (success !== null && typeof success !== 'boolean')
    throw new DemonstrationFileError(`the success of its episode ${index} is neither true nor false`);
  return { length: length as number, end, success, start: readStart(value.start) }; // The length was just checked.
}
