import * as z from 'zod';
import type { Simulator, SimulatorState } from '../bridge/index.ts';
import { SimulationDivergedError, SimulatorLostError } from '../bridge/index.ts';
import { parseOptions } from '../common/options.ts';
import { Random } from '../common/random.ts';
import { randomFromState, randomToState } from '../common/random-state.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { Controller, ControlOutcome } from './controllers/controller.ts';
import type { Env, ResetOptions, ResetResult, StepResult } from './env.ts';
import { EpisodeOverError, InvalidActionError } from './errors.ts';
import type { Quantity } from './quantities.ts';
import { type Box, contains, describeAction } from './spaces.ts';
import type { Task } from './tasks/task.ts';

const numbers = (length: number) => z.array(z.number()).length(length).optional();

const resetSchema = z.strictObject({
  jointPositions: numbers(7),
  targetPosition: numbers(3),
  targetYaw: z.number().optional(),
});

/**
 * A Sawyer environment: a simulator, a controller that says what an action does, and a task that judges it.
 *
 * `reset({ options })` understands `jointPositions` (seven angles, rad), `targetPosition` (m) and `targetYaw` (rad).
 * Where physics breaks down (a state that is not finite), the episode is truncated with the last good observation and
 * `info.diverged`; the next reset starts from a sound state. Where the simulator itself is lost (it died, hangs, or was
 * stopped), the same happens with `info.simulatorLost`, the reason in words; the next reset has the simulator brought
 * back first, and throws where that cannot be done. The action of such a step was not carried out as it was meant:
 * nothing is to be learned from it.
 */
export class SawyerEnv implements Env<Box, Box> {
  readonly observationSpace: Box;
  readonly actionSpace: Box;
  /** For experts, viewers and tests; an agent has no use for it. */
  readonly simulator: Simulator;
  private readonly task: Task;
  private readonly controller: Controller;
  private random = new Random(0);
  private current: SimulatorState | null = null;
  private phase: 'new' | 'running' | 'over' | 'closed' = 'new';

  constructor(simulator: Simulator, controller: Controller, task: Task) {
    this.simulator = simulator;
    this.controller = controller;
    this.task = task;
    this.observationSpace = task.observationSpace;
    this.actionSpace = controller.actionSpace;
  }

  /** What each number of an observation is. */
  get observationQuantities(): readonly Quantity[] {
    return this.task.observationQuantities;
  }

  /** What each number of an action is, in its own units. */
  get actionQuantities(): readonly Quantity[] {
    return this.controller.actionQuantities;
  }

  /** The task's name: `grasp`, `lift` … */
  get taskName(): string {
    return this.task.name;
  }

  /** What an action does: `joint_velocity` … */
  get controlMode(): string {
    return this.controller.mode;
  }

  /** The simulator's state as of the last reset or step. Throws EpisodeOverError before the first reset. */
  get state(): SimulatorState {
    if (this.current === null) throw new EpisodeOverError('before the first reset');
    return this.current;
  }

  async reset({ seed, options }: ResetOptions = {}): Promise<ResetResult<Box>> {
    if (this.phase === 'closed') throw new EpisodeOverError('after close');
    const start = parseOptions(resetSchema, options, "reset's options");
    if (seed !== undefined) this.random = new Random(seed);
    this.controller.reset();
    this.current = await this.simulator.reset(this.task.start(this.random, this.simulator.kinematics, start));
    this.phase = 'running';
    return { observation: this.task.observe(this.current), info: {} };
  }

  async step(action: Float32Array): Promise<StepResult<Box>> {
    if (this.phase !== 'running' || this.current === null) throw new EpisodeOverError(this.misuse());
    if (!contains(this.actionSpace, action))
      throw new InvalidActionError(
        `The action must be a Float32Array of length ${this.actionSpace.low.length} with numbers from ` +
          `[${this.actionSpace.low.join(', ')}] to [${this.actionSpace.high.join(', ')}], but is ${describeAction(action)}.`,
      );
    let outcome: ControlOutcome;
    try {
      outcome = await this.controller.apply(this.simulator, this.current, action);
    } catch (error) {
      const lost = error instanceof SimulatorLostError;
      if (!lost && !(error instanceof SimulationDivergedError)) throw error;
      this.phase = 'over';
      const observation = this.task.observe(this.current);
      const info = lost ? { success: false, simulatorLost: error.message } : { success: false, diverged: true };
      return { observation, reward: 0, terminated: false, truncated: true, info };
    }
    this.current = outcome.state;
    const { reward, terminated, info } = this.task.evaluate(outcome, action);
    if (terminated) this.phase = 'over';
    return { observation: this.task.observe(outcome.state), reward, terminated, truncated: false, info };
  }

  getState(): StateDict {
    return { random: randomToState(this.random) };
  }

  setState(state: StateDict): void {
    randomFromState(this.random, state.random);
  }

  async close(): Promise<void> {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    await this.simulator.close();
  }

  private misuse(): 'before the first reset' | 'after the episode ended' | 'after close' {
    if (this.phase === 'closed') return 'after close';
    return this.phase === 'new' ? 'before the first reset' : 'after the episode ended';
  }
}
