import { decodeMessage } from '../coppeliasim/remote-api/codec.ts';
import { MessageError } from '../errors.ts';

/** What a client sends, checked. */
export interface RemoteRequest {
  /** A function to call, `_*executed*_`, or `_*end*_`. */
  readonly func: string;
  readonly args: readonly unknown[];
  readonly uuid: string;
  /** Of the first contact alone. */
  readonly version?: number;
  /** s */
  readonly timeout?: number;
}

/** Room for a picture or a mesh, and no more. */
const limits = { bytes: 16 << 20, depth: 32, items: 1 << 20 };

/** CoppeliaSim's own limit where a client does not say how long it may be silent, s. */
export const defaultTimeout = 600;

/** More arguments than any function takes; a client says how many there are, for Lua drops nils at the end. */
const argumentLimit = 1000;

/**
 * Reads a request. Null where there is no uuid: that is how clients of earlier protocols show.
 *
 * @throws MessageError for anything but a request.
 */
export function readRequest(message: Uint8Array): RemoteRequest | null {
  const decoded = decodeMessage(message, limits);
  if (typeof decoded !== 'object' || decoded === null || Array.isArray(decoded) || decoded instanceof Uint8Array)
    throw new MessageError('A request must be a map with func, args and uuid.');
  const { func, args, argsL, uuid, ver, timeout } = decoded as Readonly<Record<string, unknown>>; // A map by name.
  if (typeof uuid !== 'string' || uuid === '') return null;
  if (uuid.length > 200) throw new MessageError('A uuid has at most 200 characters.');
  if (typeof func !== 'string' || func.length > 500) throw new MessageError('A request must name a func.');
  const list = Array.isArray(args) ? (args as unknown[]) : [];
  const wanted = typeof argsL === 'number' && Number.isInteger(argsL) ? Math.min(argsL, argumentLimit) : 0;
  while (list.length < wanted) list.push(null);
  return {
    func,
    args: list,
    uuid,
    ...(typeof ver === 'number' && { version: ver }),
    ...(typeof timeout === 'number' && timeout > 0 && Number.isFinite(timeout) && { timeout }),
  };
}
