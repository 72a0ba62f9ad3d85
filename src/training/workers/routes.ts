import { performance } from 'node:perf_hooks';
import type { Beat } from '../bus/index.ts';
import type { WorkerHealth, WorkerInfo } from './hub-types.ts';
import type { Stream } from './stream.ts';

/** A connection that was welcomed. */
export interface Route {
  /** The socket's name for it. */
  readonly name: string;
  /** The worker's own name. */
  readonly worker: string;
  readonly session: string;
  readonly info: WorkerInfo;
  readonly stream: Stream;
  heardAt: number;
  /** Version of the weights on their way; 0 for none. */
  sending: number;
  /** Version in use. */
  weights: number;
  beat: Beat | null;
  envSteps: number;
}

/** Connections welcomed at once, strangers' included. */
export const MAX_ROUTES = 1024;

/** All connections that were welcomed, by the socket's names. */
export class Routes implements Iterable<Route> {
  private readonly routes = new Map<string, Route>();
  get(name: string): Route | undefined {
    return this.routes.get(name);
  }

  get size(): number {
    return this.routes.size;
  }

  [Symbol.iterator](): Iterator<Route> {
    return this.routes.values();
  }

  open(given: Pick<Route, 'name' | 'worker' | 'session' | 'info' | 'stream'>): Route {
    const route = { ...given, heardAt: performance.now(), sending: 0, weights: 0, beat: null, envSteps: 0 };
    this.routes.set(route.name, route);
    return route;
  }

  close(route: Route): void {
    this.routes.delete(route.name);
  }

  clear(): void {
    this.routes.clear();
  }

  /** The connections of one worker: one, or one more that broke and was not noticed yet. */
  ofWorker(worker: string): Route[] {
    return [...this].filter(route => route.worker === worker);
  }

  /** The version of the weights that workers use now, the oldest of all; null where there are none. */
  get oldestWeights(): number | null {
    return this.size === 0 ? null : Math.min(...[...this].map(route => route.weights));
  }

  health(): WorkerHealth[] {
    const now = performance.now();
    return [...this].map(({ info, heardAt, envSteps, weights, beat }) => ({
      ...info,
      silentSeconds: (now - heardAt) / 1000,
      envSteps,
      weights,
      beat,
    }));
  }
}
