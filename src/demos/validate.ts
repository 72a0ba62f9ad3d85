import { type Defect, defectsOf, type Sizes } from './defects.ts';
import { actionSize, observationSize } from './episode.ts';
import { openDemonstrations, type Selection } from './formats/index.ts';

export interface ValidationResult {
  readonly path: string;
  readonly episodes: number;
  readonly transitions: number;
  /** The first of them; `defectCount` counts all. */
  readonly defects: readonly Defect[];
  readonly defectCount: number;
  /** What the file lacks at its end; null where nothing. */
  readonly incomplete: string | null;
  /** Whether nothing is wrong with it. */
  readonly valid: boolean;
}

/**
 * Looks through a demonstration file for what would harm learning: numbers that are not finite, actions outside [-1, 1],
 * sizes that differ, steps that do not follow each other, a file cut short or without episodes.
 *
 * @param limit how many defects are kept to be told.
 *
 * Throws DemonstrationFileError where the file cannot be read at all.
 */
export async function validateDemonstrations(
  path: string,
  limit = 100,
  selection: Selection = {},
): Promise<ValidationResult> {
  const reader = await openDemonstrations(path, selection);
  try {
    const { metadata } = reader;
    let sizes: Sizes | null =
      metadata === null ? null : { observation: metadata.observation.size, action: metadata.action.size };
    const defects: Defect[] = [];
    let [episodes, transitions, defectCount] = [0, 0, 0];
    for await (const episode of reader.episodes()) {
      sizes ??= { observation: observationSize(episode), action: actionSize(episode) };
      for (const defect of defectsOf(episode, episodes, sizes)) {
        if (defectCount++ < limit) defects.push(defect);
      }
      episodes++;
      transitions += episode.length;
    }
    const { incomplete } = reader;
    const valid = defectCount === 0 && incomplete === null && episodes > 0;
    return { path, episodes, transitions, defects, defectCount, incomplete, valid };
  } finally {
    await reader.close();
  }
}
