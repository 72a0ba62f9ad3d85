import { MessageError, ProtocolVersionError } from '../../errors.ts';
import { cleanText } from './errors.ts';

/** Of the ZeroMQ remote API: CoppeliaSim 4.6 and later. */
export const protocolVersion = 2;

/** What travels in the place of a function's name when it is no call. */
export const specialNames = {
  /** Reply: answer `executed` without results, so that the simulator may go on and wait in between. */
  wait: '_*wait*_',
  /** Reply: the simulator is busy with another client; send the same request again. */
  repeat: '_*repeat*_',
  /** Request: what a `wait` or a callback of ours is answered with. */
  executed: '_*executed*_',
  /** Request: the client leaves, and holds no step any more. */
  end: '_*end*_',
} as const;

/** A function of ours travels as its name and this. */
export const functionMark = '@func';

/** What a client's first request says besides, so that the simulator knows for how long to remember it. */
export interface Greeting {
  /** After so many seconds of silence the simulator forgets the client, and the steps it holds. */
  readonly timeout: number;
}

/**
 * The map that a request is. `uuid` tells clients apart; `argsL` is there because Lua cannot count trailing nils.
 */
export function requestMessage(
  uuid: string,
  func: string,
  args: readonly unknown[],
  greeting?: Greeting,
): Record<string, unknown> {
  const request: Record<string, unknown> = { func, args, argsL: args.length, uuid };
  if (greeting !== undefined) {
    request.ver = protocolVersion;
    request.lang = 'javascript';
    request.timeout = greeting.timeout;
  }
  return request;
}

/** What the simulator wants with a reply. */
export type Reply =
  | { readonly kind: 'results'; readonly values: unknown[] }
  /** In the simulator's words; see `parseFailure`. */
  | { readonly kind: 'failure'; readonly text: string }
  | { readonly kind: 'wait' }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'callback'; readonly name: string; readonly args: readonly unknown[] };

/**
 * Reads a decoded reply.
 *
 * @throws ProtocolVersionError where the simulator speaks version 1, or says that we do not speak its version;
 * MessageError where the reply is none that the protocol has.
 */
export function readReply(message: unknown): Reply {
  const reply = asRecord(message);
  if (reply === null) throw new MessageError(unknownReply(message));
  // Version 1 says of every reply whether it is one of success; version 2 only to clients it takes for older ones.
  if ('success' in reply)
    throw new ProtocolVersionError(
      typeof reply.error === 'string' && /version/.test(reply.error)
        ? `Talking to the simulator failed: it says "${cleanText(reply.error)}". CoppeliaSim 4.6 or later, with version ${protocolVersion} of the ZeroMQ remote API, is needed.`
        : `Talking to the simulator failed: it answers in version 1 of the ZeroMQ remote API, that of CoppeliaSim 4.5.1 and earlier. CoppeliaSim 4.6 or later is needed, which speaks version ${protocolVersion}.`,
    );
  if (typeof reply.func === 'string') {
    if (reply.func === specialNames.wait) return { kind: 'wait' };
    if (reply.func === specialNames.repeat) return { kind: 'repeat' };
    return { kind: 'callback', name: reply.func, args: asList(reply.args ?? []) };
  }
  if (typeof reply.err === 'string') return { kind: 'failure', text: reply.err };
  if ('err' in reply) return { kind: 'failure', text: `an error that is no text: ${typeof reply.err}` };
  if ('ret' in reply) return { kind: 'results', values: asList(reply.ret) };
  throw new MessageError(unknownReply(message));
}

function asRecord(value: unknown): Record<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value) || value instanceof Map || value instanceof Uint8Array) return null;
  return value as Record<string, unknown>; // The decoder makes no other objects.
}

/**
 * A list as Lua may send it: an empty one is an empty map, one with holes a map keyed by numbers from 1.
 *
 * @throws MessageError where it is no list at all.
 */
export function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map) {
    const list: unknown[] = [];
    for (const [key, item] of value) {
      // A table with one far index is no reason to fill everything before it.
      if (!Number.isInteger(key) || key < 1 || key > 10_000) throw new MessageError(unknownReply(value));
      while (list.length < key) list.push(null);
      list[key - 1] = item;
    }
    return list;
  }
  const record = asRecord(value);
  if (record !== null && Object.keys(record).length === 0) return [];
  throw new MessageError(unknownReply(value));
}

function unknownReply(message: unknown): string {
  const kind = Array.isArray(message) ? 'a list' : message === null ? 'null' : `a ${typeof message}`;
  const record = asRecord(message);
  const found =
    record === null ? kind : `a map of ${cleanText(Object.keys(record).slice(0, 5).join(', ')) || 'nothing'}`;
  return `Reading the simulator's reply failed: it is ${found}, which the remote API does not send. Check that the port is that of CoppeliaSim's ZeroMQ remote API.`;
}
