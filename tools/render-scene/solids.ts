import type { SceneShape, ShapeKind } from '../../src/bridge/index.ts';
import { multiplyQuaternions, type Quaternion, rotate, rotatedAxis, type Vector3 } from '../../src/common/rotations.ts';

/** Where a ray met a solid; overwritten by the next nearer one. */
export class Hit {
  /** Distance along the ray, m. */
  distance = Infinity;
  solid: Solid | null = null;
  /** Point and geometric normal in the solid's frame; the normal points outwards. */
  readonly point: [number, number, number] = [0, 0, 0];
  readonly normal: [number, number, number] = [0, 0, 0];
}

/** A shape of the scene where it stands in the world. */
export interface Solid {
  readonly kind: ShapeKind;
  readonly size: Vector3;
  readonly color: SceneShape['color'];
  /** Name of the body that it belongs to. */
  readonly body: string;
  readonly position: Vector3;
  /** Its axes in the world, one after another: the columns of its rotation, `[9]`. */
  readonly axes: readonly number[];
  /** Half extents of the box around it, along the world's axes, m. */
  readonly extents: Vector3;
}

/** Half extents of a shape along its own axes, m; the two kinds without an end have none. */
function ownExtents(kind: ShapeKind, [a, b, c]: Vector3): Vector3 {
  if (kind === 'sphere') return [a, a, a];
  if (kind === 'cylinder') return [a, a, b];
  if (kind === 'capsule') return [a, a, a + b];
  return [a, b, c];
}

/** A shape given in its body's frame, put into the world. */
export function placeShape(shape: SceneShape, body: string, origin: Vector3, orientation: Quaternion): Solid {
  const offset = rotate(orientation, shape.pose.position);
  const turned = multiplyQuaternions(orientation, shape.pose.orientation);
  const axes = [...rotatedAxis(turned, 0), ...rotatedAxis(turned, 1), ...rotatedAxis(turned, 2)];
  const own = ownExtents(shape.kind, shape.size);
  const along = (i: number) =>
    own.reduce((sum, extent, axis) => sum + extent * Math.abs(axes[3 * axis + i] as number), 0);
  return {
    kind: shape.kind,
    size: shape.size,
    color: shape.color,
    body,
    position: [origin[0] + offset[0], origin[1] + offset[1], origin[2] + offset[2]],
    axes,
    extents: [along(0), along(1), along(2)],
  };
}
