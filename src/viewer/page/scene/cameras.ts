import { Vector3 } from 'three';
import type { Stage } from './stage.ts';

export interface CameraPreset {
  readonly name: string;
  /** m, world frame; relative to what is followed where there is such. */
  readonly from: readonly [number, number, number];
  readonly to: readonly [number, number, number];
  readonly follows?: boolean;
}

/** Places to look from; the first one is where a page begins. */
export const CAMERA_PRESETS: readonly CameraPreset[] = [
  { name: 'Overview', from: [1.75, 1.95, 1.75], to: [0.1, 0, 0.98] },
  { name: 'Front', from: [2.5, 0, 1.45], to: [0.1, 0, 1.0] },
  { name: 'Side', from: [0.15, 2.6, 1.4], to: [0.12, 0, 1.0] },
  { name: 'Top', from: [0.2, 0.001, 3.0], to: [0.2, 0, 0.8] },
  { name: 'Gripper', from: [0.45, 0.42, 0.22], to: [0, 0, -0.06], follows: true },
];

/** How fast a camera flies to where it was sent, 1/s. */
const RATE = 7;

/** Flies between presets, and after a body where told. */
export class CameraRig {
  private readonly stage: Stage;
  private goal: { position: Vector3; target: Vector3 } | null = null;
  private preset: CameraPreset = CAMERA_PRESETS[0] as CameraPreset; // There is a first.
  private readonly followed = new Vector3();
  private following = false;

  constructor(stage: Stage) {
    this.stage = stage;
    stage.camera.position.fromArray(this.preset.from);
    stage.controls.target.fromArray(this.preset.to);
    // Whoever takes the camera in hand wants it where it is.
    stage.controls.addEventListener('start', () => {
      this.goal = null;
    });
  }

  choose(preset: CameraPreset, at: Vector3 | null): void {
    this.preset = preset;
    this.following = preset.follows === true && at !== null;
    const origin = this.following && at !== null ? at : new Vector3();
    this.followed.copy(origin);
    this.goal = {
      position: new Vector3().fromArray(preset.from).add(origin),
      target: new Vector3().fromArray(preset.to).add(origin),
    };
  }

  /**
   * Moves the camera on. Returns whether it moves.
   *
   * @param seconds since the last call.
   * @param at where the followed body is.
   */
  update(seconds: number, at: Vector3 | null): boolean {
    this.fly(seconds, at);
    return this.stage.controls.update() || this.goal !== null;
  }

  private fly(seconds: number, at: Vector3 | null): void {
    const { camera, controls } = this.stage;
    if (this.following && at !== null) {
      const moved = at
        .clone()
        .sub(this.followed)
        .multiplyScalar(Math.min(1, 5 * seconds));
      this.followed.add(moved);
      for (const point of [camera.position, controls.target, this.goal?.position, this.goal?.target]) point?.add(moved);
    }
    if (this.goal === null) return;
    const share = 1 - Math.exp(-RATE * seconds);
    camera.position.lerp(this.goal.position, share);
    controls.target.lerp(this.goal.target, share);
    if (camera.position.distanceTo(this.goal.position) < 1e-3) this.goal = null;
  }

  /** Ends a flight at once. */
  arrive(): void {
    if (this.goal === null) return;
    this.stage.camera.position.copy(this.goal.position);
    this.stage.controls.target.copy(this.goal.target);
    this.goal = null;
  }
}
