import type { Episode } from '../episode.ts';
import type { DemonstrationFileError } from '../errors.ts';
import type { DemonstrationMetadata } from '../metadata.ts';
import type { FileLayout, Selection } from './selection.ts';

/** How a demonstration file is read. */
export interface ReadOptions extends Selection {
  /**
   * Called with each part of the file that is damaged, such as an episode, which is left out then; by default reading
   * ends with the first. Not all damage can be left out.
   */
  readonly onDamage?: (error: DemonstrationFileError) => void;
}

/** A demonstration file being read. */
export interface DemonstrationReader {
  /** Null where the file says nothing beside its transitions. */
  readonly metadata: DemonstrationMetadata | null;
  /**
   * What is missing at the file's end, such as an episode that was under way when recording was cut short; null where
   * nothing is. Known after the last episode was read.
   */
  readonly incomplete: string | null;
  /**
   * How a file of another tool is laid out; null for files that are laid out as ours. Of a list of transitions, known after the
   * first one was read.
   */
  readonly layout: FileLayout | null;
  /** What was filled in or left out to make transitions of a file of another tool. Known after the last episode was read. */
  readonly notes: readonly string[];
  /** The episodes, one at a time; to be asked for once. Throws DemonstrationFileError. */
  episodes(): AsyncGenerator<Episode, void, void>;
  close(): Promise<void>;
}

/** A demonstration file being written, which is there when it is whole. */
export interface DemonstrationWriter {
  /** Throws DemonstrationWriteError. */
  write(episode: Episode): Promise<void>;
  /** Finishes the file and puts it in its place. Throws DemonstrationWriteError; nothing is left behind then. */
  close(): Promise<void>;
  /** Gives the file up and leaves nothing behind. */
  abort(): Promise<void>;
}

/** One way of keeping demonstrations in a file. */
export interface DemonstrationFormat {
  readonly name: string;
  /** With the dot, the usual one first. */
  readonly extensions: readonly string[];
  /** All files that one of this name consists of. */
  files(path: string): readonly string[];
  /** Whether its files have splits, one of which may be selected. */
  readonly hasSplits?: true;
  /** Throws DemonstrationFileError with the bare reason, UsageError for a selection that the file does not have. */
  open(path: string, options: ReadOptions): Promise<DemonstrationReader>;
  /** Throws DemonstrationExistsError, DemonstrationWriteError. */
  create(path: string, metadata: DemonstrationMetadata | null): Promise<DemonstrationWriter>;
}
