import { performance } from 'node:perf_hooks';

/** Exit codes by signal: 128 and the signal's number, as shells have it. */
export const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code the signal asks for; 0 where none came. */
  code(): number;
  /** Stops listening. */
  release(): void;
}

/** One Ctrl-C may come several times, ms: from the terminal, and from whatever started this program and passes it on. */
const SAME_WITHIN = 1_000;

/** Turns the first Ctrl-C (or SIGTERM) into an abort; another one, a second later or more, leaves at once. */
export function listenForInterrupt(announce: () => void): Interrupt {
  const controller = new AbortController();
  let code = 0;
  let at = 0;
  const handle = (name: NodeJS.Signals) => {
    const asked = CODES[name as keyof typeof CODES]; // Only these two are listened for.
    if (controller.signal.aborted) {
      if (performance.now() - at > SAME_WITHIN) process.exit(asked);
      return;
    }
    at = performance.now();
    code = asked;
    announce();
    controller.abort();
  };
  for (const name of Object.keys(CODES)) process.on(name, handle);
  return {
    signal: controller.signal,
    code: () => code,
    release: () => {
      for (const name of Object.keys(CODES)) process.off(name, handle);
    },
  };
}
