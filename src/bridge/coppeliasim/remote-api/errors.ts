import { GraspbridgeError, UsageError } from '../../../common/errors.ts';

/** What the simulator said of a call that failed. */
export interface RemoteApiFailure {
  /** The number in front of the message, where there is one: the line of the simulator's own wrapper that raised it. */
  readonly code: number | null;
  /** The function that says it failed; the one that was called where the message names none. */
  readonly functionName: string;
  /** What went wrong, in the simulator's words. */
  readonly reason: string;
  /** Where in a script it was raised, line by line, where the simulator tells. */
  readonly traceback: string | null;
}

/** A remote API call was carried out by the simulator, and failed there. The connection is as good as before. */
export class RemoteApiError extends GraspbridgeError implements RemoteApiFailure {
  readonly code: number | null;
  readonly functionName: string;
  readonly reason: string;
  readonly traceback: string | null;

  constructor(called: string, args: readonly unknown[], { code, functionName, reason, traceback }: RemoteApiFailure) {
    const within = functionName === called ? '' : ` (in ${functionName})`;
    super(`Calling ${called}(${describeArguments(args)}) failed: ${reason}${within}`);
    this.code = code;
    this.functionName = functionName;
    this.reason = reason;
    this.traceback = traceback;
  }
}

/** A client was used after, or while, it was closed. */
export class RemoteApiClosedError extends UsageError {}

/** Arguments as a message shows them: short, whatever they are. */
function describeArguments(args: readonly unknown[]): string {
  const shown = args.map(arg => {
    if (typeof arg === 'string') return `'${arg.length > 60 ? `${arg.slice(0, 60)}…` : arg}'`;
    if (typeof arg === 'function') return 'a function';
    if (typeof arg !== 'object' || arg === null) return String(arg);
    return Array.isArray(arg) ? `a list of ${arg.length}` : 'an object';
  });
  return cleanText(shown.length > 6 ? `${shown.slice(0, 6).join(', ')}, …` : shown.join(', '));
}

/** Longer texts from outside are cut. */
const MAX_TEXT = 4000;

/** A text from outside, fit to be printed: bounded, and without control characters that would play with a terminal. */
export function cleanText(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return cut.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?');
}

/**
 * Reads an error as the simulator words it: `354: in sim.getObjectPosition: object does not exist.`, possibly behind a
 * script's name and line, possibly followed by a traceback. Line breaks and tabs travel as `_=NL=_` and `_=TB=_`.
 */
export function parseFailure(text: string, called: string): RemoteApiFailure {
  const plain = cleanText(text.replaceAll('_=NL=_', '\n').replaceAll('_=TB=_', '\t'));
  const [first = '', ...lines] = plain.split('\n');
  const traceback = lines.length > 0 ? lines.join('\n') : null;
  const match = /^(?:\[string [^\]]*\]:|[^\s:]+\.lua:)?(?:(\d+): )?(?:in ([\w.]+): )?(.*)$/.exec(first);
  const [, code, functionName, reason] = match ?? [];
  return {
    code: code === undefined ? null : Number(code),
    functionName: functionName ?? called,
    reason: reason || first || 'the simulator does not say why',
    traceback,
  };
}
