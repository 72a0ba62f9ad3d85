/** Drops all that this thread prints from now on. Its parent does not read it, so that it would fill the memory. */
export function discardOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.write = (_chunk: unknown, encoding?: unknown, callback?: unknown) => {
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
}
