import {
  BufferAttribute,
  BufferGeometry,
  Color,
  type ColorRepresentation,
  DynamicDrawUsage,
  Line,
  LineBasicMaterial,
  type Vector3,
} from 'three';

/** Points kept: older ones fade out at the tail. */
const LENGTH = 400;
/** A point is added where the last one is this far, m. */
const STEP = 0.003;

/** The way a point went, fading towards its beginning. */
export class Trail {
  readonly line: Line;
  private readonly points: Vector3[] = [];
  private readonly positions = new BufferAttribute(new Float32Array(3 * LENGTH), 3).setUsage(DynamicDrawUsage);
  private readonly colors = new BufferAttribute(new Float32Array(4 * LENGTH), 4).setUsage(DynamicDrawUsage);
  private readonly color: Color;

  constructor(color: ColorRepresentation) {
    this.color = new Color(color);
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', this.positions);
    geometry.setAttribute('color', this.colors);
    this.line = new Line(geometry, new LineBasicMaterial({ vertexColors: true, transparent: true, depthWrite: false }));
    this.line.frustumCulled = false;
  }

  add(point: Vector3): void {
    const last = this.points.at(-1);
    if (last !== undefined && last.distanceTo(point) < STEP) return;
    this.points.push(point.clone());
    if (this.points.length > LENGTH) this.points.shift();
    this.draw();
  }

  clear(): void {
    this.points.length = 0;
    this.draw();
  }

  private draw(): void {
    const { r, g, b } = this.color;
    for (const [i, { x, y, z }] of this.points.entries()) {
      this.positions.setXYZ(i, x, y, z);
      this.colors.setXYZW(i, r, g, b, (i + 1) / this.points.length);
    }
    this.positions.needsUpdate = true;
    this.colors.needsUpdate = true;
    this.line.geometry.setDrawRange(0, this.points.length);
  }
}
