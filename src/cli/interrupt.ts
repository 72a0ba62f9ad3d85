/** Exit codes by signal: 128 and the signal's number, as shells have it. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code the signal asks for; 0 where none came. */
  code(): number;
  /** Stops listening. */
  release(): void;
}

/** Turns the first Ctrl-C (or SIGTERM) into an abort; the second leaves at once. */
export function listenForInterrupt(announce: () => void): Interrupt {
  const controller = new AbortController();
  let code = 0;
  const handle = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(CODES[name as keyof typeof CODES]); // Only these two are listened for.
    code = CODES[name as keyof typeof CODES]; // As above.
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
