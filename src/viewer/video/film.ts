import type { SceneDescription, Simulator } from '../../bridge/index.ts';
import { UsageError } from '../../common/errors.ts';
import { CURTAIN } from '../episodes/pace.ts';
import { encodePoseFrame } from '../pose-frame.ts';
import { WatchedSimulator } from '../watched-simulator.ts';

/** Pose frames kept at most: five minutes at 20 a second. */
const MAX_FRAMES = 6000;

/** What happened in a simulator, as it happened, however fast that was: its first {@link MAX_FRAMES} pictures. */
export class Film {
  readonly frames: Uint8Array[] = [];
  /** Simulated time between two frames, s. */
  period = 0.05;
  /** Whether more happened than it keeps. */
  cut = false;
  private scene: SceneDescription | null = null;
  private simulator: WatchedSimulator | null = null;

  /** Films a simulator; a second one is left as it is. */
  around(simulator: Simulator): Simulator {
    if (this.simulator !== null) return simulator;
    this.period = simulator.controlPeriod;
    this.simulator = new WatchedSimulator(simulator, period => this.expose(period));
    return this.simulator;
  }

  /** Throws UsageError where there is no simulator to be filmed. */
  check(): void {
    if (this.simulator === null)
      throw new UsageError('There is nothing to film: the environment has no simulator in 3-D. Leave --video out.');
  }

  /** What is seen. Throws UsageError where nothing was filmed. */
  get description(): SceneDescription {
    this.check();
    if (this.scene === null) throw new UsageError('There is nothing to film: no episode began.');
    return this.scene;
  }

  private async expose(period: number): Promise<void> {
    const { simulator } = this;
    if (simulator === null) return;
    this.cut = this.frames.length >= MAX_FRAMES;
    if (this.cut) return;
    this.scene ??= await simulator.describe();
    const last = this.frames.at(-1);
    // A reset: what was before it stays a moment.
    if (period === 0 && last !== undefined)
      for (let time = 0; time < CURTAIN; time += this.period) this.frames.push(last);
    const contacts = (await simulator.contactPoints()).flatMap(({ position, force }) => [...position, ...force]);
    const marks = simulator.marks.flatMap(({ position, radius }) => [...position, radius]);
    this.frames.push(encodePoseFrame(simulator.episode, simulator.time, await simulator.bodyPoses(), contacts, marks));
  }
}
