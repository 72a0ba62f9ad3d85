import { type LaneConfig, readLaneScript } from '../coppeliasim/fast-lane/index.ts';
import { LanePortError } from './errors.ts';
import { Lane } from './lane.ts';
import type { Simulation } from './simulation.ts';
import type { World } from './world.ts';

/** The fast lanes of the scripts in the scene; they are there while the simulation runs. */
export class Lanes {
  private readonly world: World;
  private readonly simulation: Simulation;
  private readonly open = new Map<number, Lane>();
  /** Why a script's lane is not there. */
  private readonly problems = new Map<number, string>();

  constructor(world: World, simulation: Simulation) {
    this.world = world;
    this.simulation = simulation;
    simulation.whenStopped(() => this.close());
  }

  /** What a lane's script says of itself: `listening`, `held PORT` while it is driven, or what is the matter. */
  status(handle: number): string {
    const lane = this.open.get(handle);
    if (lane === undefined) return this.problems.get(handle) ?? 'not started';
    return lane.heldOn === undefined ? 'listening' : `held ${lane.heldOn}`;
  }

  /** Opens what the scene has a script for, and closes what it has none for any more. */
  async refresh(): Promise<void> {
    for (const [handle, lane] of this.open) {
      if (this.world.scene.objects.has(handle)) continue;
      this.open.delete(handle);
      lane.close();
    }
    for (const { handle, script } of this.world.scene.objects.values()) {
      const config = script === undefined ? null : readLaneScript(script);
      if (config && !this.open.has(handle)) await this.start(handle, config);
    }
  }

  /** As with the script itself, the simulation starts even where a lane cannot; the script's `laneStatus` tells why. */
  private async start(handle: number, config: LaneConfig): Promise<void> {
    this.problems.delete(handle);
    try {
      this.open.set(handle, await Lane.open(this.world, this.simulation, config));
    } catch (error) {
      if (!(error instanceof LanePortError)) throw error;
      this.problems.set(handle, error.message);
    }
  }

  close(): void {
    for (const lane of this.open.values()) lane.close();
    this.open.clear();
  }
}
