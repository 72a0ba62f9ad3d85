import { readLaneScript } from '../coppeliasim/fast-lane/index.ts';
import { Lane } from './lane.ts';
import type { Simulation } from './simulation.ts';
import type { World } from './world.ts';

/** The fast lanes of the scripts in the scene; they are there while the simulation runs. */
export class Lanes {
  private readonly world: World;
  private readonly simulation: Simulation;
  private readonly open = new Map<number, Lane>();

  constructor(world: World, simulation: Simulation) {
    this.world = world;
    this.simulation = simulation;
    simulation.whenStopped(() => this.close());
  }

  /** Opens what the scene has a script for, and closes what it has none for any more. Throws CallError for a taken port. */
  async refresh(): Promise<void> {
    for (const [handle, lane] of this.open) {
      if (this.world.scene.objects.has(handle)) continue;
      this.open.delete(handle);
      lane.close();
    }
    for (const { handle, script } of this.world.scene.objects.values()) {
      const config = script === undefined ? null : readLaneScript(script);
      if (config && !this.open.has(handle)) this.open.set(handle, await Lane.open(this.world, this.simulation, config));
    }
  }

  close(): void {
    for (const lane of this.open.values()) lane.close();
    this.open.clear();
  }
}
