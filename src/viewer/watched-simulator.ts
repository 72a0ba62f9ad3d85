import type {
  Mark,
  SceneDescription,
  Simulator,
  SimulatorCommand,
  SimulatorResetOptions,
  SimulatorState,
  Snapshot,
  Vector3,
} from '../bridge/index.ts';

/** A contact nearer to the target's centre than this is the target's, m: half of a block's diagonal, and some. */
const AT_TARGET = 0.08;

/**
 * A simulator that can be watched: it passes everything on, and counts what it passed, so that a watcher knows when
 * there is something new to pull. Where asked to, it waits after every step, for time to pass as on a clock.
 */
export class WatchedSimulator implements Simulator {
  readonly inner: Simulator;
  readonly version?: string;
  readonly origin?: string;
  readonly announce?: (text: string) => Promise<void>;
  /** Counts steps, resets and restores. */
  changes = 0;
  /** Counts resets and restores: what lies before one does not lead to what comes after. */
  episode = 0;
  /** Simulation time as of the last change, s. */
  time = 0;
  /** What the last reset marked. */
  marks: readonly Mark[] = [];
  private target: Vector3 = [0, 0, 0];
  private readonly pace: ((period: number) => Promise<void>) | undefined;

  /** @param pace called after every step with the simulated time it took (s), and after every reset with 0. */
  constructor(inner: Simulator, pace?: (period: number) => Promise<void>) {
    this.inner = inner;
    if (inner.version !== undefined) this.version = inner.version;
    if (inner.origin !== undefined) this.origin = inner.origin;
    if (inner.announce !== undefined) this.announce = text => inner.announce?.(text) ?? Promise.resolve();
    this.pace = pace;
  }

  get name(): string {
    return this.inner.name;
  }
  get controlPeriod(): number {
    return this.inner.controlPeriod;
  }
  get kinematics(): Simulator['kinematics'] {
    return this.inner.kinematics;
  }

  async reset(options: SimulatorResetOptions): Promise<SimulatorState> {
    const state = await this.inner.reset(options);
    this.marks = options.marks ?? [];
    return this.jumped(state);
  }

  async step(command: SimulatorCommand): Promise<SimulatorState> {
    const state = await this.inner.step(command);
    this.changes++;
    this.time = state.time;
    this.target = state.target.position;
    if (this.pace !== undefined) await this.pace(this.controlPeriod);
    return state;
  }

  state(): Promise<SimulatorState> {
    return this.inner.state();
  }

  snapshot(): Promise<Snapshot> {
    return this.inner.snapshot();
  }

  async restore(snapshot: Snapshot): Promise<SimulatorState> {
    return this.jumped(await this.inner.restore(snapshot));
  }

  describe(): Promise<SceneDescription> {
    return this.inner.describe();
  }

  bodyPoses(): Promise<Float64Array> {
    return this.inner.bodyPoses();
  }

  /** None where the simulator cannot say; without the target's where something else is marked, and the target not shown. */
  async contactPoints() {
    const points = (await this.inner.contactPoints?.()) ?? [];
    if (this.marks.length === 0) return points;
    const [x, y, z] = this.target;
    return points.filter(({ position: [px, py, pz] }) => Math.hypot(px - x, py - y, pz - z) > AT_TARGET);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private async jumped(state: SimulatorState): Promise<SimulatorState> {
    this.changes++;
    this.episode++;
    this.time = state.time;
    this.target = state.target.position;
    if (this.pace !== undefined) await this.pace(0);
    return state;
  }
}
