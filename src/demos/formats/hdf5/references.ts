import { Dataset, type File } from 'h5wasm/node';
import { DemonstrationFileError, shown } from '../../errors.ts';
import type { FileAccess, Library } from './file-access.ts';

/** Groups within groups; no layout has more than a few. */
const MAX_DEPTH = 64;

/** Larger elements, bytes, are no numbers, and are never read. */
const MAX_ELEMENT = 4096;

/**
 * Looks at every object of a file and yields after each. Throws DemonstrationFileError for the first one whose content is
 * in another file, naming it and the kind of reference. Nothing of the other file is read.
 */
export function* checkReferences(library: Library, file: File, access: FileAccess): Generator<void, void, void> {
  const id = file.file_id;
  const seen = new Set<string>();
  const waiting = ['/'];
  for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
    // A group may contain itself: its address tells.
    const address = library.create_object_reference(id, group).join();
    if (seen.has(address)) continue;
    seen.add(address);
    const path = group === '/' ? '' : group;
    if (path.split('/').length > MAX_DEPTH)
      throw new DemonstrationFileError(`it has groups within groups, more than ${MAX_DEPTH} deep`);
    for (const name of library.get_names(id, group, false)) {
      const child = `${path}/${name}`;
      if (checkObject(library, file, access, child) === library.H5G_GROUP) waiting.push(child);
      yield;
    }
  }
}

/** The type of what is there; null for a soft link, whose target is checked where it is. */
function checkObject(library: Library, file: File, access: FileAccess, path: string): number | null {
  const id = file.file_id;
  if (library.get_symbolic_link(id, path) !== null) return null;
  const type = library.get_type(id, path);
  if (type === library.H5G_UDLINK) {
    const { filename } = library.get_external_link(id, path) as { filename?: string }; // Empty for other kinds.
    throw filename === undefined
      ? refused(path, 'is a user-defined link')
      : refused(path, 'is an external link to the file', filename);
  }
  if (type === library.H5G_DATASET) checkStorage(new Dataset(id, path), access);
  access.takeDenied();
  return type;
}

function checkStorage(dataset: Dataset, access: FileAccess): void {
  const { shape, size, chunks, virtual_sources, vlen } = dataset.metadata;
  const [source] = virtual_sources ?? [];
  if (virtual_sources !== undefined)
    throw refused(dataset.path, 'is a virtual dataset made of the file', source?.file_name);
  // Only contiguous data can be in external storage. The library does not say so before it reads some of it.
  if (chunks !== null || shape === null || vlen || size > MAX_ELEMENT || shape.includes(0)) return;
  try {
    if (shape.length === 0) void dataset.value;
    else dataset.slice(shape.map(() => [0, 1]));
  } catch (error) {
    const denied = access.takeDenied();
    if (denied !== null) throw refused(dataset.path, 'is in external storage, the file', denied);
    // What is otherwise wrong with it is found when it is read, if it ever is.
    if (error instanceof Error && error.name === 'RuntimeError') throw error;
  }
}

function refused(path: string, what: string, file?: string): DemonstrationFileError {
  const other = file === undefined ? '' : ` "${shown(file, 100)}"`;
  return new DemonstrationFileError(
    `${shown(path.slice(1), 100)} ${what}${other}. Other files are never read: copy the data into this one`,
  );
}

/** The error for a file that the library tried to open although nothing above found a reference to it. */
export function referenceError(denied: string): DemonstrationFileError {
  return new DemonstrationFileError(`it refers to another file, "${shown(denied, 100)}", which is not read`);
}
