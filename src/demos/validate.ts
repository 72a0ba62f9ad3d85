import { closeAfter } from '../common/close-all.ts';
import { type Defect, defectsOf, type Sizes } from './defects.ts';
import { actionSize, observationSize } from './episode.ts';
import { DemonstrationFileError } from './errors.ts';
import { openDemonstrations, type Selection } from './formats/index.ts';

export interface ValidationResult {
  readonly path: string;
  readonly episodes: number;
  readonly transitions: number;
  /** What cannot be read, an error for each part: the first of them; `damageCount` counts all. */
  readonly damage: readonly string[];
  readonly damageCount: number;
  /** What is wrong with that which can: the first of them; `defectCount` counts all. */
  readonly defects: readonly Defect[];
  readonly defectCount: number;
  /** What the file lacks at its end; null where nothing. */
  readonly incomplete: string | null;
  /** Whether nothing is wrong with it. */
  readonly valid: boolean;
}

/**
 * Looks through a demonstration file for all that would harm learning: parts that cannot be read, numbers that are not
 * finite, actions outside [-1, 1], sizes that differ, steps that do not follow each other, a file cut short or without
 * transitions.
 *
 * @param limit how many defects are kept to be told.
 *
 * Throws UsageError for a name without a known extension; nothing else about a file.
 */
export async function validateDemonstrations(
  path: string,
  limit = 100,
  selection: Selection = {},
): Promise<ValidationResult> {
  const damage: string[] = [];
  const defects: Defect[] = [];
  const count = { episodes: 0, transitions: 0, damageCount: 0, defectCount: 0 };
  const onDamage = ({ message }: DemonstrationFileError) => {
    if (count.damageCount++ < limit) damage.push(message);
  };
  let incomplete: string | null = null;
  try {
    const reader = await openDemonstrations(path, { ...selection, onDamage });
    await closeAfter(async () => {
      const { metadata } = reader;
      let sizes: Sizes | null =
        metadata === null ? null : { observation: metadata.observation.size, action: metadata.action.size };
      for await (const episode of reader.episodes()) {
        sizes ??= { observation: observationSize(episode), action: actionSize(episode) };
        // Episodes that were left out have their numbers, too.
        for (const defect of defectsOf(episode, count.episodes + count.damageCount, sizes)) {
          if (count.defectCount++ < limit) defects.push(defect);
        }
        count.episodes++;
        count.transitions += episode.length;
      }
      incomplete = reader.incomplete;
    }, reader);
  } catch (error) {
    if (!(error instanceof DemonstrationFileError)) throw error;
    onDamage(error);
  }
  const valid = count.damageCount === 0 && count.defectCount === 0 && incomplete === null && count.transitions > 0;
  return { path, ...count, damage, defects, incomplete, valid };
}
