import { Group, Mesh, type Object3D, Quaternion, type Vector3 } from 'three';
import type { SceneDescription, SceneShape } from '../../../bridge/simulator.ts';
import type { PoseFrame } from '../../pose-frame.ts';
import { geometryOf, layBoards } from './geometry.ts';
import { isWood, Looks } from './looks.ts';

/** A new pose is blended into over the time since the last one came, within these bounds, ms. */
const BLEND = { least: 8, most: 120 } as const;

/**
 * The bodies of a scene, where the frames say.
 *
 * Frames come one a control period, and displays show three times as many: between two, every body goes on a straight
 * line, its orientation on the shortest arc. A reset is no way that anything went, so nothing is blended across it.
 */
export class SceneModel {
  readonly root = new Group();
  private readonly bodies: readonly Group[];
  private readonly names: ReadonlyMap<string, Group>;
  private readonly colliders: Mesh[] = [];
  private from: Float32Array;
  private to: Float32Array;
  private shown: Float32Array;
  private arrived = 0;
  private duration = 0;
  private episode = -1;

  /** @param plain leaves out what takes long without a graphics processor. */
  constructor(scene: SceneDescription, plain = false) {
    const looks = new Looks(plain);
    this.bodies = scene.bodies.map(body => {
      const group = new Group();
      group.name = body.name;
      for (const shape of body.shapes) group.add(this.meshOf(shape, looks));
      this.root.add(group);
      return group;
    });
    this.names = new Map(this.bodies.map(body => [body.name, body]));
    const size = 7 * this.bodies.length;
    this.from = new Float32Array(size);
    this.to = new Float32Array(size);
    this.shown = new Float32Array(size);
  }

  /** Takes a frame that has just come; `now` in ms. */
  take(frame: PoseFrame, now: number): void {
    if (frame.poses.length !== this.to.length) return;
    const jumped = frame.episode !== this.episode;
    this.episode = frame.episode;
    this.from.set(jumped ? frame.poses : this.shown);
    this.to.set(frame.poses);
    this.duration = jumped ? 0 : Math.min(BLEND.most, Math.max(BLEND.least, now - this.arrived));
    this.arrived = now;
  }

  /** Moves everything to where it is at `now`, ms. Returns whether anything still moves. */
  update(now: number): boolean {
    const share = this.duration === 0 ? 1 : Math.min(1, (now - this.arrived) / this.duration);
    for (const [i, body] of this.bodies.entries()) {
      const at = 7 * i;
      for (let k = at; k < at + 3; k++)
        this.shown[k] = (this.from[k] as number) * (1 - share) + (this.to[k] as number) * share;
      turn
        .fromArray(this.from, at + 3)
        .slerp(goal.fromArray(this.to, at + 3), share)
        .toArray(this.shown, at + 3);
      body.position.fromArray(this.shown, at);
      body.quaternion.copy(turn);
    }
    return share < 1;
  }

  body(name: string): Object3D | undefined {
    return this.names.get(name);
  }

  /** Where a body is shown, m. */
  positionOf(name: string): Vector3 | null {
    return this.names.get(name)?.position.clone() ?? null;
  }

  /** Shows or hides what only the physics sees. */
  showColliders(visible: boolean): void {
    for (const mesh of this.colliders) mesh.visible = visible;
  }

  private meshOf(shape: SceneShape, looks: Looks): Mesh {
    const geometry = geometryOf(shape);
    if (isWood(shape)) layBoards(geometry, shape.size);
    const mesh = new Mesh(geometry, looks.of(shape));
    mesh.name = shape.name;
    mesh.position.fromArray(shape.pose.position);
    mesh.quaternion.fromArray(shape.pose.orientation);
    const opaque = shape.color[3] >= 1;
    mesh.castShadow = opaque && shape.kind !== 'plane';
    mesh.receiveShadow = opaque;
    // A shape that collides and is drawn see-through is the physics' own, with a better-looking one over it.
    if (shape.collides && !opaque) {
      mesh.visible = false;
      this.colliders.push(mesh);
    }
    return mesh;
  }
}

const turn = new Quaternion();
const goal = new Quaternion();
