import { setTimeout as pause } from 'node:timers/promises';
import { UsageError } from '../../common/errors.ts';
import { type SimulatorLostError, SimulatorTimeoutError } from '../errors.ts';
import type { SupervisedCoppeliaSim } from './supervisor/index.ts';

/** Where a CoppeliaSim comes from, and what can be done when it is lost. */
export interface SimulatorSource {
  /** For people: `running at tcp://127.0.0.1:23000`. */
  readonly description: string;
  /** Where its remote API listens now. */
  address(): string;
  /**
   * Does what can be done for a simulator that was lost; resolves when connecting to it is worth trying.
   *
   * @param attempt counted from 1 since it was lost.
   * Throws SimulatorStartError where it is gone for good.
   */
  recover(cause: SimulatorLostError, attempt: number): Promise<void>;
  /** Says that no sign of life is to be expected until the returned function is called. */
  hold(): () => void;
  close(): Promise<void>;
}

/** A simulator that somebody else runs: all that can be done is to connect to it again. */
export function runningSource(address: string): SimulatorSource {
  return {
    description: `running at ${address}`,
    address: () => address,
    recover: async () => {},
    hold: () => () => {},
    close: async () => {},
  };
}

/** A simulator of our own, which is started again. */
export function supervisedSource(supervised: SupervisedCoppeliaSim): SimulatorSource {
  const { executable } = supervised.info;
  return {
    description: `started from ${executable}`,
    address: () => supervised.address,
    async recover(cause, attempt) {
      // A process that has just ended is known to have ended a moment later.
      await pause(200);
      await supervised.ready();
      // One that hangs does so for whoever comes next; one that was only stopped need not be started again at first.
      if (attempt > 1 || cause instanceof SimulatorTimeoutError) await supervised.restart();
    },
    hold: () => supervised.hold(),
    close: () => supervised.close(),
  };
}

/** `tcp://HOST:PORT` of an address as people write it: a port, `host:port`, or the whole. Throws UsageError. */
export function completeAddress(given: string): string {
  const text = /^\d+$/.test(given) ? `127.0.0.1:${given}` : given;
  const address = text.includes('://') ? text : `tcp://${text}`;
  const port = Number(/^tcp:\/\/[^:/\s]+:(\d{1,5})$/.exec(address)?.[1]);
  if (!(port >= 1 && port <= 65_535))
    throw new UsageError(
      `"${given}" is no address of a simulator. One looks like tcp://127.0.0.1:23000, or just 23000.`,
    );
  return address;
}

/** The host of a complete address. */
export function hostOf(address: string): string {
  return address.slice('tcp://'.length, address.lastIndexOf(':'));
}
