import { performance } from 'node:perf_hooks';
import { oneLine } from '../../common/one-line.ts';
import { type Hello, MessageRefused, PROTOCOL } from '../bus/index.ts';

/** After so long, ms, a hello that was not repeated is that of somebody gone. */
const GONE_AFTER = 1_000;

/** Why a worker may not join: what it is told, and what is counted. */
export interface Rejection {
  readonly told: string;
  readonly refused: MessageRefused;
}

/** Why a worker may not join a run, or a learner that has none yet (null); null where it may. */
export function rejectionOf(hello: Hello, secret: string, run: string | null): Rejection | null {
  if (hello.protocol !== PROTOCOL)
    return {
      told: `it speaks version ${hello.protocol} of the protocol, and the learner version ${PROTOCOL}. Use the same version of graspbridge.`,
      refused: new MessageRefused(
        'protocol',
        `a worker speaks version ${hello.protocol}, and this learner version ${PROTOCOL}.`,
      ),
    };
  if (hello.secret !== secret)
    return {
      told: 'it may not join: the secret or the keys are not those of this training.',
      refused: new MessageRefused(
        'unauthorized',
        `a worker on ${oneLine(hello.host, 100)} has not this training's secret.`,
      ),
    };
  if (run === null || hello.run === null || hello.run === run) return null;
  const theirs = oneLine(hello.run, 64);
  return {
    told: `it worked for the run ${theirs}, but here ${run} is trained. Start a new worker.`,
    refused: new MessageRefused('foreign run', `a worker of the run ${theirs} said hello.`),
  };
}

/** Hellos that came before the learner was ready, the last of each connection. */
export class EarlyHellos {
  private readonly hellos = new Map<string, { readonly hello: Hello; readonly at: number }>();
  private readonly most: number;

  /** @param most connections that are remembered. */
  constructor(most: number) {
    this.most = most;
  }

  add(connection: string, hello: Hello): void {
    if (this.hellos.size < this.most) this.hellos.set(connection, { hello, at: performance.now() });
  }

  /** Those who are still there, who then are forgotten: who is there says hello again and again. */
  take(): [connection: string, hello: Hello][] {
    const now = performance.now();
    const fresh = [...this.hellos].filter(([, { at }]) => now - at <= GONE_AFTER);
    this.hellos.clear();
    return fresh.map(([connection, { hello }]) => [connection, hello]);
  }
}
