import { setImmediate, setTimeout } from 'node:timers/promises';
import type { SimulatorCommand, SimulatorState } from '../simulator.ts';
import { commandOf } from './actuation.ts';
import type { SceneObject } from './scene/scene-object.ts';
import type { World } from './world.ts';

/** `sim.simulation_stopped`, `_paused` and `_advancing_running` */
export const simulationStates = { stopped: 0, paused: 8, running: 17 } as const;
export type SimulationStateName = keyof typeof simulationStates;

/** Somebody who must agree before the simulation takes its next step. */
export interface Holder {
  /** Whether the next step may be taken as far as this one is concerned. */
  ready(): boolean;
  /** What is to be done in the next step; the joints' targets where nobody says. */
  command?(): SimulatorCommand | undefined;
  /** The step was taken, or failed. */
  stepped?(outcome: SimulatorState | Error): void;
  /** The simulation was stopped. */
  stopped?(): void;
}

/** What is put back when the simulation stops. */
interface Beginning {
  readonly jointPositions: Float64Array;
  readonly target: SimulatorState['target'];
  readonly gripperOpening: number;
  readonly objects: ReadonlyMap<number, { readonly offset: SceneObject['offset']; readonly joint?: object }>;
}

/**
 * When the simulation runs, and when it waits for somebody.
 *
 * Running, it takes a step whenever all holders are ready: at once where there are none, or no faster than the clock in
 * real time. It never takes two steps without letting messages through between them.
 */
export class Simulation {
  /** In real time one simulated second takes at least a second. */
  realTime: boolean;
  private readonly world: World;
  private readonly holders = new Set<Holder>();
  private readonly onStop: (() => void)[] = [];
  private readonly onChange = new Set<() => void>();
  private current: SimulationStateName = 'stopped';
  private beginning: Beginning | undefined;
  private failed: Error | undefined;
  private stepCount = 0;
  private closed = false;
  private readonly loop: Promise<void>;

  constructor(world: World, realTime: boolean) {
    this.world = world;
    this.realTime = realTime;
    this.loop = this.run();
  }

  get state(): SimulationStateName {
    return this.current;
  }

  /** Why the last step could not be taken; the simulation is paused then. */
  get failure(): Error | undefined {
    return this.failed;
  }

  /** Steps since the start. */
  get steps(): number {
    return this.stepCount;
  }

  /** Simulation time, s. */
  get time(): number {
    return this.stepCount * this.world.period;
  }

  hold(holder: Holder): void {
    this.holders.add(holder);
    this.changed();
  }

  letGo(holder: Holder): void {
    this.holders.delete(holder);
    this.changed();
  }

  /** Is called each time the simulation stops. */
  whenStopped(listen: () => void): void {
    this.onStop.push(listen);
  }

  start(): void {
    if (this.current === 'stopped') {
      const { jointPositions, target, gripperOpening } = this.world.state;
      const objects = Array.from(
        this.world.scene.objects.values(),
        ({ handle, offset, joint }) => [handle, { offset, ...(joint && { joint: { ...joint } }) }] as const,
      );
      this.beginning = { jointPositions, target, gripperOpening, objects: new Map(objects) };
      this.stepCount = 0;
    }
    this.failed = undefined;
    this.current = 'running';
    this.changed();
  }

  pause(): void {
    if (this.current === 'running') this.current = 'paused';
    this.changed();
  }

  /** Stops, and puts everything back where it was at the start. */
  async stop(): Promise<void> {
    if (this.current === 'stopped') return;
    this.current = 'stopped';
    this.failed = undefined;
    this.stepCount = 0;
    const { beginning } = this;
    this.beginning = undefined;
    for (const holder of [...this.holders]) holder.stopped?.();
    for (const listen of this.onStop) listen();
    if (beginning) {
      for (const [handle, { offset, joint }] of beginning.objects) {
        const object = this.world.scene.objects.get(handle);
        if (!object) continue;
        object.offset = offset;
        if (object.joint && joint) Object.assign(object.joint, joint);
      }
      await this.world.place(beginning);
    }
    this.changed();
  }

  /** Something that steps wait for may have become true. */
  changed(): void {
    for (const look of [...this.onChange]) look();
  }

  /** Resolves to whether the condition came true within `seconds`; looked at after everything that happens. */
  async until(condition: () => boolean, seconds: number): Promise<boolean> {
    if (condition() || this.closed) return condition();
    return new Promise(done => {
      const finish = () => {
        clearTimeout(timer);
        this.onChange.delete(look);
        done(condition());
      };
      const look = () => {
        if (condition() || this.closed) finish();
      };
      const timer = globalThis.setTimeout(finish, 1000 * seconds);
      this.onChange.add(look);
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.changed();
    await this.loop;
  }

  private mayStep(): boolean {
    if (this.current !== 'running') return false;
    for (const holder of this.holders) if (!holder.ready()) return false;
    return true;
  }

  private async run(): Promise<void> {
    let due = performance.now();
    while (!this.closed) {
      if (!this.mayStep()) {
        await this.until(() => this.mayStep(), 3600);
        continue;
      }
      await this.step();
      // Messages come in between two steps; in real time also in whatever the clock leaves, or has left in the last one.
      const now = performance.now();
      const period = 1000 * this.world.period;
      due = this.realTime ? Math.max(due + period, now - period) : now;
      if (due > now) await setTimeout(due - now);
      else await setImmediate();
    }
  }

  private async step(): Promise<void> {
    let command: SimulatorCommand | undefined;
    for (const holder of this.holders) command ??= holder.command?.();
    let outcome: SimulatorState | Error;
    try {
      const { world } = this;
      outcome = await world.exclusively(() => world.step(command ?? commandOf(world), command === undefined));
      this.stepCount++;
    } catch (error) {
      outcome = error instanceof Error ? error : new Error(String(error));
      // A command of its own is its holder's affair. Without one the physics diverged: whoever waits is told.
      if (command === undefined) {
        this.failed = outcome;
        this.pause();
      }
    }
    for (const holder of [...this.holders]) holder.stepped?.(outcome);
    this.changed();
  }
}
