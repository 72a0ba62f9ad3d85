import { rmSync } from 'node:fs';
import { packageVersion } from '../common/package-version.ts';
import { convertDemonstrations } from './convert.ts';
import type { Episode } from './episode.ts';
import { checkNewRecording, Journal, journalPath } from './journal.ts';
import type { DemonstrationMetadata } from './metadata.ts';

/**
 * A demonstration file that is written while its episodes come, one by one, from whoever makes them.
 *
 * Every episode is on disk once `append` returns; `demos convert` finishes what a killed process left.
 */
export class Recording {
  private readonly out: string;
  private readonly journal: Journal;

  /** Throws DemonstrationExistsError, DemonstrationWriteError. */
  constructor(out: string, metadata: Omit<DemonstrationMetadata, 'software'>) {
    checkNewRecording(out);
    this.out = out;
    const software = { name: 'graspbridge', version: packageVersion() };
    this.journal = new Journal(journalPath(out), { ...metadata, software });
  }

  get episodes(): number {
    return this.journal.episodes;
  }

  /** Throws DemonstrationWriteError where the disk refuses; the episodes before stay. */
  append(episode: Episode): void {
    this.journal.append(episode);
  }

  /** Makes the file of the journal. Returns its path; null, and no file, without episodes. */
  async finish(): Promise<string | null> {
    const { out, journal } = this;
    if (journal.episodes > 0) journal.finish();
    journal.close();
    if (journal.episodes > 0 && journal.path === out) return out;
    if (journal.episodes > 0) await convertDemonstrations(journal.path, out);
    rmSync(journal.path, { force: true });
    return journal.episodes > 0 ? out : null;
  }
}
