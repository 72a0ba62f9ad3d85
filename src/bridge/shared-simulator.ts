import type { Simulator } from './simulator.ts';

/**
 * Opens one simulator for several users who take turns, an episode each: every one resets it before they step it.
 *
 * Each gets an object of their own to close; the simulator is closed with the last of them, and opened anew should
 * somebody ask afterwards.
 */
export function shareSimulator<Args extends readonly unknown[]>(
  open: (...args: Args) => Promise<Simulator>,
): (...args: Args) => Promise<Simulator> {
  let opened: Promise<Simulator> | undefined;
  let users = 0;
  return async (...args) => {
    users++;
    opened ??= open(...args);
    const mine = opened;
    const leave = () => {
      users--;
      if (users === 0) opened = undefined;
      return users === 0;
    };
    let simulator: Simulator;
    try {
      simulator = await mine;
    } catch (error) {
      leave();
      throw error;
    }
    let closed = false;
    // Everything else is the simulator's own, whatever it has beyond the interface included.
    return new Proxy(simulator, {
      get(target, property) {
        if (property === 'close')
          return async () => {
            if (closed) return;
            closed = true;
            if (leave()) await target.close();
          };
        // Read on the simulator itself, so that its private parts are found, and its methods keep their `this`.
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
}
