import { isRecord } from '../../../common/is-record.ts';
import {
  checkEpisodeSize,
  type Episode,
  type EpisodeStart,
  isContiguous,
  LIMITS,
  observationSize,
  shiftedObservations,
} from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import { doubleText, readNumber, rowText } from './numbers.ts';

/**
 * An episode as JSON, in lines for people or in one:
 *
 * `success`, `end` (`terminated` or `truncated`), `start` (`seed`, `options`), `actions` (a row a step), `rewards`,
 * `observations` (a row a step), and either `finalObservation`, or `nextObservations` (a row a step) where a step does not
 * begin where the one before ended.
 */
export function episodeToJson(episode: Episode, indent: string | null = null): string {
  const { length, success, end, start } = episode;
  const rows = (array: Float32Array): string => {
    const size = array.length / length;
    const texts = Array.from({ length }, (_, i) => rowText(array.subarray(i * size, (i + 1) * size)));
    return indent === null ? `[${texts.join(',')}]` : `[\n${indent}    ${texts.join(`,\n${indent}    `)}\n${indent}  ]`;
  };
  const size = observationSize(episode);
  const fields = {
    success: JSON.stringify(success),
    end: JSON.stringify(end),
    start: JSON.stringify(start),
    actions: rows(episode.actions),
    rewards: `[${Array.from(episode.rewards, doubleText).join(',')}]`,
    observations: rows(episode.observations),
    ...(isContiguous(episode)
      ? { finalObservation: rowText(episode.nextObservations.subarray(-size)) }
      : { nextObservations: rows(episode.nextObservations) }),
  };
  const lines = Object.entries(fields).map(([name, text]) => `"${name}":${indent === null ? '' : ' '}${text}`);
  return indent === null ? `{${lines.join(',')}}` : `{\n${indent}  ${lines.join(`,\n${indent}  `)}\n${indent}}`;
}

/** Reads an episode. Throws DemonstrationFileError saying what is wrong with it. */
export function episodeFromJson(value: unknown): Episode {
  if (!isRecord(value)) throw new DemonstrationFileError('it is not an object');
  const { success = null, end, rewards, finalObservation, nextObservations } = value;
  if (success !== null && typeof success !== 'boolean')
    throw new DemonstrationFileError('its success is neither true nor false');
  if (end !== 'terminated' && end !== 'truncated')
    throw new DemonstrationFileError('its end is neither "terminated" nor "truncated"');
  if (!Array.isArray(rewards) || rewards.length === 0) throw new DemonstrationFileError('it has no list of rewards');
  const { length } = rewards;
  const observations = readRows(value.observations, 'observations', length);
  const actions = readRows(value.actions, 'actions', length);
  const next =
    nextObservations === undefined
      ? shiftedObservations(
          observations,
          readRows([finalObservation], 'final observation', 1, observations.length / length),
        )
      : readRows(nextObservations, 'nextObservations', length, observations.length / length);
  checkEpisodeSize(length, observations.byteLength + next.byteLength + actions.byteLength + 8 * length);
  return {
    length,
    observations,
    actions,
    rewards: Float64Array.from(rewards, (reward, i) => readNumber(reward, `reward ${i}`)),
    nextObservations: next,
    end,
    success,
    start: readStart(value.start),
  };
}

/** Reads how an episode began. Throws DemonstrationFileError. */
export function readStart(value: unknown): EpisodeStart | null {
  if (value === null || value === undefined) return null;
  if (!isRecord(value) || !Number.isSafeInteger(value.seed)) throw new DemonstrationFileError('its start has no seed');
  const { options, interventions } = value;
  if (options !== undefined && !isRecord(options))
    throw new DemonstrationFileError("its start's options are no object");
  return {
    seed: value.seed as number, // Just checked.
    ...(options === undefined ? {} : { options }),
    ...(interventions === undefined ? {} : { interventions: readInterventions(interventions) }),
  };
}

function readInterventions(value: unknown): readonly (readonly [number, number])[] {
  const isSpan = (span: unknown): span is [number, number] =>
    Array.isArray(span) && span.length === 2 && span.every(Number.isSafeInteger) && span[0] >= 0 && span[0] < span[1];
  if (!Array.isArray(value) || value.length > LIMITS.length || !value.every(isSpan))
    throw new DemonstrationFileError('its interventions are no list of steps from … to');
  return value;
}

function readRows(value: unknown, name: string, length: number, wanted?: number): Float32Array {
  if (!Array.isArray(value)) throw new DemonstrationFileError(`its ${name} are no list`);
  if (value.length !== length)
    throw new DemonstrationFileError(`it has ${length} rewards, and ${value.length} rows in its ${name}`);
  const first: unknown = value[0];
  const size = wanted ?? (Array.isArray(first) ? first.length : 0);
  if (size < 1 || size > LIMITS.size) throw new DemonstrationFileError(`a row of its ${name} has ${size} numbers`);
  checkEpisodeSize(length, 4 * length * size);
  const out = new Float32Array(length * size);
  for (const [i, row] of value.entries()) {
    if (!Array.isArray(row) || row.length !== size)
      throw new DemonstrationFileError(`row ${i} of its ${name} does not have ${size} numbers`);
    for (let j = 0; j < size; j++) out[i * size + j] = readNumber(row[j], `number ${j} of row ${i} of its ${name}`);
  }
  return out;
}
