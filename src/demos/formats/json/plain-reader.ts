import type { Episode } from '../../episode.ts';
import type { ByteSource } from '../byte-source.ts';
import { FollowingObservations } from '../following-observations.ts';
import type { DemonstrationReader, ReadOptions } from '../format.ts';
import { orDamage } from '../or-damage.ts';
import type { FileLayout } from '../selection.ts';
import { ObservationSelector } from '../transitions/observation.ts';
import { readItem, type Transitions } from '../transitions/read-item.ts';
import { splitEpisodes } from '../transitions/split-episodes.ts';
import { parseText } from './parse-text.ts';

/** The JSON text of a transition, of a list of them, or of a dict of arrays. */
export interface PlainItem {
  /** What it is called in errors. */
  readonly where: string;
  readonly text: string;
  /** Where it ends in the file, bytes. */
  readonly end: number;
}

/** Reads JSON of other programs, which has transitions and nothing else. */
export class PlainReader implements DemonstrationReader {
  readonly metadata = null;
  readonly incomplete = null;
  private readonly source: ByteSource;
  private readonly items: Iterable<PlainItem>;
  private readonly options: ReadOptions;
  private readonly selector: ObservationSelector;
  private readonly following = new FollowingObservations();

  constructor(path: string, source: ByteSource, items: Iterable<PlainItem>, options: ReadOptions) {
    this.source = source;
    this.items = items;
    this.options = options;
    this.selector = new ObservationSelector(path, options);
  }

  get layout(): FileLayout | null {
    return this.selector.layout;
  }

  get notes(): readonly string[] {
    return this.following.notes;
  }

  async *episodes(): AsyncGenerator<Episode, void, void> {
    yield* splitEpisodes(this.transitions(), this.following);
  }

  async close(): Promise<void> {
    this.source.close();
  }

  private *transitions(): Transitions {
    const { options, selector } = this;
    for (const { where, text, end } of this.items) {
      const whole = yield* orDamage(options, where, () => readItem(parseText(text, end), selector));
      if (!whole) yield null;
    }
  }
}
