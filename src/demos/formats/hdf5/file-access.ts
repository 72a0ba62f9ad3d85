import { resolve } from 'node:path';
import type { ready } from 'h5wasm/node';

/** The HDF5 library. */
export type Library = Awaited<typeof ready>;

/** Permission denied, as the library's C runtime numbers it. */
const EACCES = 2;
/** Creates a new file and never opens one that is there: O_CREAT | O_EXCL. */
const NEW_FILE = 0o100 | 0o200;

/** What of the library's file system is used; its own types are not those of the calls that it makes. */
interface FileSystem {
  open(path: string, flags: number, mode?: number): unknown;
  readonly ErrnoError: new (code: number) => Error;
}

/**
 * Lets the HDF5 library open one file and no other.
 *
 * A file may name others: external links, external storage, virtual datasets, plugins for filters. Whatever the library
 * makes of them, opening them fails, and the name is kept for the error.
 */
export class FileAccess {
  private allowed: string | null = null;
  private denied: string | null = null;

  constructor(library: Library) {
    const fs = library.FS as unknown as FileSystem;
    const { open } = fs;
    fs.open = (path, flags, mode) => {
      // The library writes its error messages to new temporary files under this fixed name.
      const temporary = path.startsWith('/tmp/tmpfile_') && (flags & NEW_FILE) === NEW_FILE;
      if (!temporary && (this.allowed === null || resolve(path) !== this.allowed)) {
        this.denied ??= path;
        throw new fs.ErrnoError(EACCES);
      }
      return open.call(fs, path, flags, mode);
    };
    // Filters that are not part of the library would be loaded from these folders.
    for (let left = library.get_plugin_search_paths().length; left > 0; left--) library.remove_plugin_search_path(0);
  }

  /** Allows this file from now on. */
  allow(path: string): void {
    this.allowed = resolve(path);
    this.denied = null;
  }

  /** The first other file that the library tried to open since this was last called; null if none. */
  takeDenied(): string | null {
    const { denied } = this;
    this.denied = null;
    return denied;
  }
}
