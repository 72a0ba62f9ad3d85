import { UsageError } from '../../../common/errors.ts';
import { isPlain } from './plain.ts';
import { functionMark } from './protocol.ts';

/** A function of ours that the simulator may call; it may call the simulator meanwhile. */
export type RemoteCallback = (...args: unknown[]) => unknown;

/** The simulator looks for functions among no more than so many parts of an argument. */
const MARKED_PARTS = 16;

/** Functions of ours by the names that the simulator knows them by. */
export class Callbacks {
  private readonly names = new Map<RemoteCallback, string>();
  private readonly functions = new Map<string, RemoteCallback>();

  get(name: string): RemoteCallback | undefined {
    return this.functions.get(name);
  }

  /**
   * Arguments as they travel: a function as its marked name, in an argument or among the parts of one. What is undefined
   * at the end is left out, as if it had not been given.
   *
   * @throws UsageError for a function where the simulator would not look for one.
   */
  toWire(args: readonly unknown[]): unknown[] {
    let length = args.length;
    while (length > 0 && args[length - 1] === undefined) length--;
    const wire: unknown[] = [];
    for (let i = 0; i < length; i++) wire.push(this.argument(args[i]));
    return wire;
  }

  private argument(argument: unknown): unknown {
    if (typeof argument === 'function') return this.marked(argument as RemoteCallback); // Any function can be called.
    if (typeof argument !== 'object' || argument === null || ArrayBuffer.isView(argument)) return argument;
    if (Array.isArray(argument)) {
      if (!argument.some(part => typeof part === 'function')) return argument;
      checkParts(argument.length);
      return argument.map(part => (typeof part === 'function' ? this.marked(part) : part));
    }
    if (!isPlain(argument)) return argument;
    const entries = Object.entries(argument);
    if (!entries.some(([, part]) => typeof part === 'function')) return argument;
    checkParts(entries.length);
    return Object.fromEntries(
      entries.map(([key, part]) => [key, typeof part === 'function' ? this.marked(part as RemoteCallback) : part]),
    );
  }

  private marked(callback: RemoteCallback): string {
    let name = this.names.get(callback);
    if (name === undefined) {
      name = `cb_${this.names.size + 1}`;
      this.names.set(callback, name);
      this.functions.set(name, callback);
    }
    return name + functionMark;
  }
}

function checkParts(parts: number): void {
  if (parts > MARKED_PARTS)
    throw new UsageError(
      `Calling the simulator failed: a function is one of ${parts} parts of an argument, and the simulator looks for functions among ${MARKED_PARTS} at most. Pass it as an argument of its own.`,
    );
}

/** What a callback returned, as a list of results: nothing is none, a list is several, anything else one. */
export function callbackResults(returned: unknown): readonly unknown[] {
  if (returned === undefined || returned === null) return [];
  return Array.isArray(returned) ? returned : [returned];
}
