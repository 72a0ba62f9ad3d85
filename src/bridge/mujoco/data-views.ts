import type { MjData } from '@mujoco/mujoco';

/**
 * MuJoCo's arrays of one simulation, as views that stay valid.
 *
 * A getter of MjData costs over a microsecond, so each view is taken once; growth of the WebAssembly memory, which any
 * other simulator of the process can cause, detaches all views, and they are taken again.
 */
export class DataViews {
  private readonly data: MjData;
  private currentPositions: Float64Array = new Float64Array(0);
  private currentVelocities: Float64Array = new Float64Array(0);
  private currentControls: Float64Array = new Float64Array(0);
  private currentSensors: Float64Array = new Float64Array(0);

  constructor(data: MjData) {
    this.data = data;
    this.refresh();
  }

  /** `qpos` */
  get positions(): Float64Array {
    if (this.currentPositions.length === 0) this.refresh();
    return this.currentPositions;
  }

  /** `qvel` */
  get velocities(): Float64Array {
    if (this.currentVelocities.length === 0) this.refresh();
    return this.currentVelocities;
  }

  /** `ctrl` */
  get controls(): Float64Array {
    if (this.currentControls.length === 0) this.refresh();
    return this.currentControls;
  }

  /** `sensordata` */
  get sensors(): Float64Array {
    if (this.currentSensors.length === 0) this.refresh();
    return this.currentSensors;
  }

  private refresh(): void {
    this.currentPositions = this.data.qpos as Float64Array;
    this.currentVelocities = this.data.qvel as Float64Array;
    this.currentControls = this.data.ctrl as Float64Array;
    this.currentSensors = this.data.sensordata as Float64Array;
  }
}
