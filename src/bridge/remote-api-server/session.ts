import type { Ask, Wait } from './functions/function.ts';
import type { Holder, Simulation } from './simulation.ts';

/** What a client was asked in the course of a call of its own. */
export interface Pending {
  /** The function that it called. */
  readonly func: string;
  readonly question: Ask | Wait;
}

/** One client, known by its uuid, with its own level of stepping. */
export class Session implements Holder {
  readonly uuid: string;
  /** A client that is silent for longer has vanished, s. */
  readonly timeout: number;
  /** What it was asked and has not answered, the innermost last. */
  readonly pending: Pending[] = [];
  /** When it was last heard of, on the clock of `performance.now()`, ms. */
  lastSeen = performance.now();
  private level = 0;
  /** The step it waits for, counted since the start. */
  private awaited = 0;
  private readonly simulation: Simulation;

  constructor(uuid: string, timeout: number, simulation: Simulation) {
    this.uuid = uuid;
    this.timeout = timeout;
    this.simulation = simulation;
  }

  get stepping(): boolean {
    return this.level > 0;
  }

  /** Each `true` must be met by a `false`. Returns the level before. */
  setStepping(enable: boolean): number {
    const before = this.level;
    this.level = Math.max(0, before + (enable ? 1 : -1));
    if (enable && before === 0) {
      this.awaited = this.simulation.steps;
      this.simulation.hold(this);
    }
    if (this.level === 0) this.release();
    return before;
  }

  /** Agrees to the next step; the number tells when it was taken: once the simulation has taken so many. */
  step(): number {
    this.awaited = this.simulation.steps + 1;
    this.simulation.changed();
    return this.awaited;
  }

  /** Takes the agreement to a step back that was not taken. */
  cancelStep(): void {
    this.awaited = Math.min(this.awaited, this.simulation.steps);
  }

  ready(): boolean {
    return this.awaited > this.simulation.steps;
  }

  stopped(): void {
    this.release();
  }

  /** Nothing waits for this client any more. */
  release(): void {
    this.level = 0;
    this.awaited = 0;
    this.simulation.letGo(this);
  }
}
