import type { Vector3 } from 'three';
import type { PoseFrame } from '../../pose-frame.ts';
import type { Hello } from '../../protocol.ts';
import { CAMERA_PRESETS, type CameraPreset, CameraRig } from './cameras.ts';
import { ContactMarks } from './contact-marks.ts';
import { Marks } from './marks.ts';
import { SceneModel } from './model.ts';
import { Resolution } from './resolution.ts';
import { Stage } from './stage.ts';
import { Trail } from './trail.ts';

/** Bodies that leave a trail, by colour; what the camera follows is the first of them that the scene has. */
const TRAILED = [
  ['hand', '#e5484d'],
  ['target', '#2563eb'],
] as const;

/** The 3-D picture: a scene, its trails and contacts, and the camera that looks at it. */
export class SceneView {
  readonly stage: Stage;
  readonly rig: CameraRig;
  model: SceneModel | null = null;
  /** The last frame that came. */
  frame: PoseFrame | null = null;
  /** Pictures drawn. */
  drawn = 0;
  /** Called before each picture. */
  onPicture: (seconds: number) => void = () => {};
  private readonly contacts = new ContactMarks();
  private readonly marks = new Marks();
  private readonly trails = TRAILED.map(([body, color]) => ({ body, trail: new Trail(color) }));
  private showTrails = true;
  private stale = true;
  private readonly resolution = new Resolution();
  private pictureAt = 0;
  private moving = false;
  private last = performance.now();
  private filming = false;

  constructor(canvas: HTMLCanvasElement) {
    this.stage = new Stage(canvas);
    this.rig = new CameraRig(this.stage);
    new ResizeObserver(() => {
      this.stale = true;
    }).observe(canvas);
    const loop = () => {
      requestAnimationFrame(loop);
      if (this.model !== null && canvas.clientWidth > 0 && !this.filming) this.draw(performance.now());
    };
    requestAnimationFrame(loop);
  }

  /** Builds the scene; the same one again is kept. */
  greet({ scene }: Hello): void {
    if (scene === null || this.model !== null) return;
    this.model = new SceneModel(scene, this.stage.plain);
    this.stage.light(scene.lights);
    this.stage.scene.add(
      this.model.root,
      this.contacts.root,
      this.marks.root,
      ...this.trails.map(({ trail }) => trail.line),
    );
  }

  take(frame: PoseFrame, now = performance.now()): void {
    if (this.frame?.episode !== frame.episode) for (const { trail } of this.trails) trail.clear();
    this.frame = frame;
    this.stale = true;
    this.model?.take(frame, now);
    this.contacts.show(frame.contacts);
    this.marks.show(frame.marks);
    // The episode is about what is marked then; the target only lies about.
    const target = this.model?.body('target');
    if (target !== undefined) target.visible = frame.marks.length === 0;
  }

  get canvas(): HTMLCanvasElement {
    return this.stage.renderer.domElement;
  }

  /** Draws only what {@link picture} is asked for from now on, in full. */
  film(): void {
    this.filming = true;
    this.frame = null;
    this.rig.arrive();
    this.stage.resize();
  }

  /** Draws the picture of a time, ms; `seconds` after the one before. */
  picture(now: number, seconds: number): void {
    this.model?.update(now);
    this.follow();
    this.rig.update(seconds, this.followed());
    this.stage.render();
    this.drawn++;
  }

  /** Draws one picture as of `now`, ms. */
  draw(now: number): void {
    const seconds = Math.min(0.1, Math.max(0, (now - this.last) / 1000));
    this.last = now;
    const moves = this.model?.update(now) ?? false;
    this.follow();
    const flies = this.rig.update(seconds, this.followed());
    this.onPicture(seconds);
    // A picture that would be the same again costs a laptop its battery.
    const share = this.resolution.next(moves || flies || this.stale, now);
    if (share === null) return;
    const changed = moves || flies || this.stale;
    this.stale = false;
    this.stage.resize(share);
    this.stage.render();
    this.drawn++;
    // The time since a picture before a rest says nothing.
    if (changed && this.moving) this.resolution.took(now - this.pictureAt, now);
    this.moving = changed;
    this.pictureAt = now;
  }

  /** Lets the trails grow to where their bodies are. */
  private follow(): void {
    if (!this.showTrails || this.frame === null) return;
    for (const { body, trail } of this.trails) {
      const at = this.model?.positionOf(body);
      if (at) trail.add(at);
    }
  }

  chooseCamera(preset: CameraPreset): void {
    this.rig.choose(preset, this.followed());
  }

  chooseCameraNumber(number: number): void {
    const preset = CAMERA_PRESETS[number];
    if (preset !== undefined) this.chooseCamera(preset);
  }

  /** Draws the next picture even where nothing moves. */
  refresh(): void {
    this.stale = true;
  }

  toggle(what: 'trails' | 'contacts' | 'colliders', on: boolean): void {
    this.stale = true;
    if (what === 'contacts') this.contacts.root.visible = on;
    else if (what === 'colliders') this.model?.showColliders(on);
    else {
      this.showTrails = on;
      for (const { trail } of this.trails) {
        trail.clear();
        trail.line.visible = on;
      }
    }
  }

  followed(): Vector3 | null {
    return this.model?.positionOf('hand') ?? null;
  }

  savePicture(): void {
    const link = document.createElement('a');
    link.href = this.stage.renderer.domElement.toDataURL('image/png');
    link.download = 'graspbridge.png';
    link.click();
  }
}
