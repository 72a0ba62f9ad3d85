import { Reply } from 'zeromq';
import { SendQueue } from '../../common/send-queue.ts';
import {
  formatGreeting,
  type LaneConfig,
  type LaneRequest,
  laneVersion,
  packRefusal,
  packState,
  toBytes,
  toDoubles,
  unpackRequest,
} from '../coppeliasim/fast-lane/index.ts';
import { SimulationDivergedError } from '../errors.ts';
import type { SimulatorCommand, SimulatorState } from '../simulator.ts';
import { driveByVelocity } from './actuation.ts';
import { CallError, LanePortError } from './errors.ts';
import { findByPath, fullPath } from './scene/lookup.ts';
import type { Holder, Simulation } from './simulation.ts';
import type { World } from './world.ts';

/** Far more than the longest request has, bytes. */
const requestLimit = 8 * 1024;

/**
 * The fast lane, as the script inside CoppeliaSim has it, answered natively.
 *
 * It exists while the simulation runs. From its first request on it holds the simulation, which then moves with the
 * lane's steps alone, until it is released, or silent for longer than the script's idle bound.
 */
export class Lane implements Holder {
  private readonly world: World;
  private readonly simulation: Simulation;
  private readonly config: LaneConfig;
  private readonly socket = new Reply({ linger: 0, maxMessageSize: requestLimit });
  private readonly queue = new SendQueue(this.socket);
  private readonly silence: NodeJS.Timeout;
  private attached = false;
  /** What the next step is to do, and who waits for it. */
  private asked: { command: SimulatorCommand; report(outcome: SimulatorState | Error): void } | undefined;

  private constructor(world: World, simulation: Simulation, config: LaneConfig) {
    this.world = world;
    this.simulation = simulation;
    this.config = config;
    this.silence = setTimeout(() => this.letGo(), 1000 * config.idleSeconds);
    this.silence.unref();
  }

  /** Listens on the script's port. Throws LanePortError where it is taken. */
  static async open(world: World, simulation: Simulation, config: LaneConfig): Promise<Lane> {
    const lane = new Lane(world, simulation, config);
    try {
      await lane.socket.bind(`tcp://127.0.0.1:${config.port}`);
    } catch (cause) {
      lane.close();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new LanePortError(`cannot listen on port ${config.port}: ${reason}`, { cause });
    }
    void lane.serve();
    return lane;
  }

  /** The port, while a client drives the simulation. */
  get heldOn(): number | undefined {
    return this.attached ? this.config.port : undefined;
  }

  ready(): boolean {
    return !this.attached || this.asked !== undefined;
  }

  command(): SimulatorCommand | undefined {
    return this.asked?.command;
  }

  stepped(outcome: SimulatorState | Error): void {
    const { asked } = this;
    this.asked = undefined;
    asked?.report(outcome);
  }

  close(): void {
    clearTimeout(this.silence);
    this.simulation.letGo(this);
    this.queue.abort();
    this.stepped(new CallError('the simulation was stopped.'));
  }

  private async serve(): Promise<void> {
    try {
      for await (const [message] of this.socket) await this.queue.send(await this.answer(message));
    } catch (error) {
      // Closed while an answer was under way, which nobody waits for any more.
      if (!this.socket.closed) throw error;
    }
  }

  private async answer(message: Uint8Array | undefined): Promise<string | Uint8Array> {
    const [packed, request] = read(message);
    const sequence = packed[1] ?? 0;
    if (request === null) return toBytes(packRefusal('badRequest', sequence));
    if (request.kind === 'release') this.letGo();
    else this.attach();
    if (request.kind === 'hello') return this.greeting();
    let state: SimulatorState;
    try {
      state = await this.carryOut(request);
    } catch (error) {
      const status = error instanceof SimulationDivergedError ? 'diverged' : 'badRequest';
      return toBytes(packRefusal(status, sequence));
    }
    const reply = packState(sequence, state);
    return toBytes(reply.every(Number.isFinite) ? reply : packRefusal('diverged', sequence));
  }

  private carryOut(request: Exclude<LaneRequest, { kind: 'hello' }>): SimulatorState | Promise<SimulatorState> {
    const { world } = this;
    switch (request.kind) {
      case 'reset':
        return world.exclusively(() => world.reset(request));
      case 'step':
        return this.step({
          arm: { kind: 'joint_velocity', velocities: request.velocities },
          gripperVelocity: request.gripperVelocity,
        });
      case 'stepToGoal':
        return this.step({
          arm: { kind: 'tip_goal', goal: request.goal },
          gripperVelocity: request.gripperVelocity,
        });
      default:
        return world.exclusively(() => world.state);
    }
  }

  /** Resolves when the step was taken: at once, unless another client holds the simulation or paused it. */
  private async step(command: SimulatorCommand): Promise<SimulatorState> {
    const outcome = await new Promise<SimulatorState | Error>(report => {
      this.asked = { command, report };
      this.simulation.changed();
    });
    if (outcome instanceof Error) throw outcome;
    return outcome;
  }

  private attach(): void {
    this.silence.refresh();
    if (this.attached) return;
    this.attached = true;
    driveByVelocity(this.world, new Float64Array(7), 0);
    this.simulation.hold(this);
  }

  /** From here on the simulation goes on by itself, the arm at rest. */
  private letGo(): void {
    if (!this.attached || this.asked) return;
    this.attached = false;
    driveByVelocity(this.world, new Float64Array(7), 0);
    this.simulation.changed();
  }

  private greeting(): string {
    const { joints, ...single } = this.config.objects;
    const wanted = [...Object.entries(single), ...joints.map((path, index) => [`joint${index + 1}`, path] as const)];
    const found = wanted.map(([name, path]) => [name, findByPath(this.world.scene, path)] as const);
    return formatGreeting({
      version: laneVersion,
      period: this.world.period,
      tipGoals: true,
      objects: new Map(
        found.flatMap(([name, object]) =>
          object ? [[name, { handle: object.handle, path: fullPath(this.world.scene, object) }] as const] : [],
        ),
      ),
      missing: found.filter(([, object]) => object === undefined).map(([name]) => name),
    });
  }
}

function read(message: Uint8Array | undefined): [packed: Float64Array, request: LaneRequest | null] {
  try {
    const packed = toDoubles(message ?? new Uint8Array());
    return [packed, unpackRequest(packed)];
  } catch {
    return [new Float64Array(), null];
  }
}
