/** What holds something that must be released. */
export interface Closable {
  close(): unknown;
}

/** Something to close: an object, or a function that closes it; nothing if it was never opened. */
export type ToClose = Closable | (() => unknown) | null | undefined;

/**
 * Closes all of them, one after the other in the given order, also after one has failed.
 *
 * Throws the first failure once everything was closed; further failures are in its `suppressed`.
 */
export async function closeAll(...things: readonly ToClose[]): Promise<void> {
  const failures: unknown[] = [];
  for (const thing of things) await close(thing).catch(failure => failures.push(failure));
  throwFirst(failures);
}

/** Closes all of them at the same time and waits for all. Throws like `closeAll`. */
export async function closeTogether(things: Iterable<ToClose>): Promise<void> {
  const outcomes = await Promise.allSettled([...things].map(close));
  throwFirst(outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : [])));
}

/** Closes all of them after a failure, then throws that failure; failures of closing are in its `suppressed`. */
export async function closeAndThrow(error: unknown, ...things: readonly ToClose[]): Promise<never> {
  return closeAll(
    () => {
      throw error;
    },
    ...things,
  ) as Promise<never>; // The first of them always fails.
}

/**
 * Runs `work`, then closes all of them, also after it has failed. Returns what `work` returns.
 *
 * Use it instead of `finally`, where an error of closing would replace the error of the work: here the first one is
 * thrown, and the others are in its `suppressed`.
 */
export async function closeAfter<T>(work: () => Promise<T>, ...things: readonly ToClose[]): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    return closeAndThrow(error, ...things);
  }
  await closeAll(...things);
  return result;
}

async function close(thing: ToClose): Promise<void> {
  await (typeof thing === 'function' ? thing() : thing?.close());
}

function throwFirst([first, ...others]: readonly unknown[]): void {
  if (first === undefined) return;
  if (first instanceof Error && others.length > 0) Object.assign(first, { suppressed: others });
  throw first;
}
