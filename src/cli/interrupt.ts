import { performance } from 'node:perf_hooks';

/** Exit codes by signal: 128 and the signal's number, as shells have it. */
export const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type EndingSignal = keyof typeof SIGNAL_CODES;

export const ENDING_SIGNALS = Object.keys(SIGNAL_CODES) as readonly EndingSignal[];

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code the signal asks for; 0 where none came. */
  code(): number;
  /** Stops listening. */
  release(): void;
}

/** One Ctrl-C may come several times, ms: from the terminal, and from whatever started this program and passes it on. */
const SAME_WITHIN = 1_000;

/**
 * Turns the first Ctrl-C, SIGTERM or SIGHUP (a closed terminal) into an abort. Another Ctrl-C or SIGTERM, a second later
 * or more, ends the process at once; another SIGHUP does not: a terminal that closes may send several.
 */
export function listenForInterrupt(announce: () => void): Interrupt {
  const controller = new AbortController();
  let code = 0;
  let at = 0;
  const handle = (name: NodeJS.Signals) => {
    const asked = SIGNAL_CODES[name as EndingSignal]; // Only these are listened for.
    if (controller.signal.aborted) {
      if (name !== 'SIGHUP' && performance.now() - at > SAME_WITHIN) process.exit(asked);
      return;
    }
    at = performance.now();
    code = asked;
    announce();
    controller.abort();
  };
  for (const name of ENDING_SIGNALS) process.on(name, handle);
  return {
    signal: controller.signal,
    code: () => code,
    release: () => {
      for (const name of ENDING_SIGNALS) process.off(name, handle);
    },
  };
}
