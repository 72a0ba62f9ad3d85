import { Mesh, MeshBasicMaterial, Plane, Raycaster, SphereGeometry, Vector2, Vector3 } from 'three';
import type { SceneView } from '../scene/view.ts';

/** How near to the handle a press must be, CSS pixels. */
const REACH = 26;

/** A handle at the tip that can be dragged with the mouse, in the plane that faces the camera. */
export class TipDrag {
  private readonly view: SceneView;
  private readonly handle: Mesh;
  private readonly raycaster = new Raycaster();
  private readonly plane = new Plane();
  private goal: Vector3 | null = null;
  /** Where it was dragged to and released before the server was told. */
  private missed: Vector3 | null = null;
  private isTold = true;
  private enabled = false;

  constructor(view: SceneView, canvas: HTMLCanvasElement) {
    this.view = view;
    this.handle = new Mesh(
      new SphereGeometry(0.018, 24, 16),
      new MeshBasicMaterial({ color: '#f5a524', transparent: true, opacity: 0.75, depthTest: false }),
    );
    this.handle.renderOrder = 20;
    this.handle.visible = false;
    view.stage.scene.add(this.handle);
    // In the capturing phase, before the orbit controls take the press for theirs.
    canvas.addEventListener('pointerdown', event => this.press(event, canvas), { capture: true });
    canvas.addEventListener('pointermove', event => this.move(event, canvas));
    for (const name of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(name, () => this.release());
  }

  /** Where the tip is wanted (m), while it is dragged. */
  get position(): readonly [number, number, number] | null {
    const position = this.goal ?? this.missed;
    return position === null ? null : [position.x, position.y, position.z];
  }

  /** The server knows of the last position. */
  told(): void {
    this.missed = null;
    this.isTold = true;
  }

  enable(on: boolean): void {
    this.enabled = on;
    this.handle.visible = on;
    this.view.refresh();
    if (!on) this.release();
    if (!on) this.told();
  }

  update(): void {
    const tip = this.view.followed();
    if (this.enabled && tip !== null) this.handle.position.copy(this.goal ?? tip);
  }

  private press(event: PointerEvent, canvas: HTMLCanvasElement): void {
    const tip = this.view.followed();
    if (!this.enabled || event.button !== 0 || tip === null) return;
    const { x, y } = this.view.stage.project(tip);
    const bounds = canvas.getBoundingClientRect();
    if (Math.hypot(event.clientX - bounds.left - x, event.clientY - bounds.top - y) > REACH) return;
    this.plane.setFromNormalAndCoplanarPoint(this.view.stage.camera.getWorldDirection(new Vector3()), tip);
    this.goal = tip;
    this.view.stage.controls.enabled = false;
    canvas.setPointerCapture(event.pointerId);
    event.stopPropagation();
  }

  private move(event: PointerEvent, canvas: HTMLCanvasElement): void {
    if (this.goal === null) return;
    const bounds = canvas.getBoundingClientRect();
    const pointer = new Vector2(
      (2 * (event.clientX - bounds.left)) / bounds.width - 1,
      1 - (2 * (event.clientY - bounds.top)) / bounds.height,
    );
    this.raycaster.setFromCamera(pointer, this.view.stage.camera);
    this.raycaster.ray.intersectPlane(this.plane, this.goal);
    this.isTold = false;
    this.view.refresh();
  }

  private release(): void {
    if (this.goal !== null && !this.isTold) this.missed = this.goal;
    this.goal = null;
    this.view.stage.controls.enabled = true;
  }
}
