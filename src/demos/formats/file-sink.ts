import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { FileOperations } from '../../common/atomic-file.ts';
import { DemonstrationExistsError, DemonstrationWriteError } from '../errors.ts';

/** How much is gathered before it goes to the disk, bytes. */
const BUFFERED = 1 << 18;

const realOperations: FileOperations = {
  write: (descriptor, bytes) => writeSync(descriptor, bytes, 0, bytes.byteLength),
  sync: fsyncSync,
};

/** Throws DemonstrationExistsError where there is something of that name. */
export function refuseExisting(path: string): void {
  if (existsSync(path))
    throw new DemonstrationExistsError(
      `Writing the demonstrations ${path} failed: it exists. Choose another --out, or move that file away.`,
    );
}

/** The error for a disk that refused. */
export function writeError(path: string, error: unknown): DemonstrationWriteError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DemonstrationWriteError(
    `Writing the demonstrations ${path} failed: ${reason}. Nothing was left there; ${
      /ENOSPC|no space/i.test(reason) ? 'free some space on that disk' : 'see whether files can be made there'
    }, or name another place.`,
    { cause: error },
  );
}

/** A new file written piece by piece, which appears under its name only when it is whole. */
export class FileSink {
  readonly path: string;
  private readonly aside: string;
  private readonly operations: FileOperations;
  private descriptor: number | null;
  private pieces: Uint8Array[] = [];
  private gathered = 0;

  /** Throws DemonstrationExistsError, DemonstrationWriteError. */
  constructor(path: string, operations: FileOperations = realOperations) {
    refuseExisting(path);
    this.path = path;
    this.aside = `${path}.${process.pid}.partial`;
    this.operations = operations;
    try {
      this.descriptor = openSync(this.aside, 'w');
    } catch (error) {
      throw writeError(path, error);
    }
  }

  /** Throws DemonstrationWriteError; the file is given up then. */
  write(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    this.pieces.push(bytes);
    this.gathered += bytes.byteLength;
    if (this.gathered >= BUFFERED) this.flush();
  }

  /** Puts the file in its place. Throws DemonstrationWriteError; nothing is left behind then. */
  commit(): void {
    this.flush();
    try {
      if (this.descriptor === null) throw new Error('the file was given up before');
      this.operations.sync(this.descriptor);
      closeSync(this.descriptor);
      this.descriptor = null;
      refuseExisting(this.path);
      renameSync(this.aside, this.path);
    } catch (error) {
      this.abort();
      throw error instanceof DemonstrationExistsError ? error : writeError(this.path, error);
    }
  }

  /** Leaves nothing behind. */
  abort(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
    rmSync(this.aside, { force: true });
  }

  private flush(): void {
    const bytes = Buffer.concat(this.pieces);
    this.pieces = [];
    this.gathered = 0;
    try {
      if (this.descriptor === null) throw new Error('the file was given up before');
      for (let done = 0; done < bytes.byteLength; )
        done += this.operations.write(this.descriptor, bytes.subarray(done));
    } catch (error) {
      this.abort();
      throw writeError(this.path, error);
    }
  }
}
