import { cleanText } from '../remote-api/errors.ts';

/** `ok`: fine; `note`: worth knowing, works without; `failed`: does not work; `skipped`: could not be looked at. */
export type FindingStatus = 'ok' | 'note' | 'failed' | 'skipped';

/** What one check found. */
export interface Finding {
  /** `latency`, `plugins` … */
  readonly name: string;
  readonly status: FindingStatus;
  /** What was found, in a line. */
  readonly found: string;
  /** What to do about it; undefined where nothing need be done. */
  readonly advice?: string | undefined;
  /** Whether training cannot do without. */
  readonly essential: boolean;
  /** What was measured, by name with its unit: `medianMilliseconds`, `stepsPerSecond`. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** What a check returns when it came to an end. */
export interface Outcome {
  readonly status?: 'ok' | 'note' | 'failed';
  readonly found: string;
  readonly advice?: string | undefined;
  readonly numbers?: Readonly<Record<string, number>>;
}

export interface Check {
  readonly name: string;
  readonly essential: boolean;
  /** It is given up after so long, s. */
  readonly limit: number;
  /** What to do where it throws, or takes too long. */
  readonly advice?: string;
  run(signal: AbortSignal): Promise<Outcome>;
}

/** Runs one check to its end or its limit, whatever it does. Never rejects but by the caller's own signal. */
export async function carryOut(check: Check, outer: AbortSignal | undefined): Promise<Finding> {
  outer?.throwIfAborted();
  const { name, essential, limit } = check;
  const late = new AbortController();
  const signal = outer === undefined ? late.signal : AbortSignal.any([outer, late.signal]);
  let timer: NodeJS.Timeout | undefined;
  try {
    const running = check.run(signal);
    const outcome = await Promise.race([
      running,
      new Promise<never>((_, fail) => {
        timer = setTimeout(() => {
          const error = new Error(`it was not done within ${limit} s`);
          late.abort(error);
          // What listens to the signal cleans up first, if it can soon.
          setTimeout(() => fail(error), 500);
        }, limit * 1000);
        outer?.addEventListener('abort', () => fail(outer.reason), { once: true });
      }),
    ]);
    const { status = 'ok', found, advice, numbers = {} } = outcome;
    return { name, status, found, advice, essential, numbers };
  } catch (error) {
    outer?.throwIfAborted();
    const message = error instanceof Error ? error.message : String(error);
    return { name, status: 'failed', found: cleanText(message), advice: check.advice, essential, numbers: {} };
  } finally {
    clearTimeout(timer);
  }
}

/** A check that makes no sense any more after what was found before. */
export function skipped({ name, essential }: Check, because: string): Finding {
  return { name, status: 'skipped', found: because, essential, numbers: {} };
}
