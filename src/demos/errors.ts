import { GraspbridgeError, UsageError } from '../common/errors.ts';

/** A demonstration file is damaged, cut short, too large, or no demonstration file at all. */
export class DemonstrationFileError extends GraspbridgeError {}

/** A pickle asks for something other than plain data: an opcode, a global or a class that is not read. */
export class UnsafePickleError extends DemonstrationFileError {}

/** A file is there already where a new one was to be written. */
export class DemonstrationExistsError extends UsageError {}

/** The disk refused; what was recorded before is kept. */
export class DemonstrationWriteError extends GraspbridgeError {}

/** Recording could not go on; what was recorded before is kept, and the message says where. */
export class RecordingError extends GraspbridgeError {}

/** The demonstrations are of another environment, control mode, space or normalization than what they are for. */
export class DemonstrationMismatchError extends UsageError {}

/** Text from a file as it may be shown: one line of printable characters, not too long. */
export function shown(text: string, length = 80): string {
  const clean = Array.from(text.slice(0, length), character => (/[\p{C}\p{Z}]/u.test(character) ? ' ' : character));
  return text.length > length ? `${clean.join('')}…` : clean.join('');
}
