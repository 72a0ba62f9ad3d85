import { type Quaternion, rotatedAxis, type Vector3, vectorAt } from '../../../common/rotations.ts';
import type { Pose, ShapeKind } from '../../simulator.ts';
import { scale, subtract } from './poses.ts';

/** A symmetric 3 × 3 matrix, row by row, kg m². */
export type Tensor = readonly number[];

/** How heavy something is, where, and how hard to turn: in one frame, whichever that is. */
export interface MassProperties {
  /** kg */
  readonly mass: number;
  /** Centre of mass, m. */
  readonly center: Vector3;
  /** About the centre of mass, along the axes of the frame. */
  readonly inertia: Tensor;
}

/** The tensor of principal moments along the axes of a frame that is turned by `orientation`. */
export function tensorOf(moments: Vector3, orientation: Quaternion): Tensor {
  const axes = [0, 1, 2].map(axis => rotatedAxis(orientation, axis as 0 | 1 | 2)); // The three that there are.
  const tensor = new Array<number>(9).fill(0);
  for (const [k, axis] of axes.entries())
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        (tensor[3 * i + j] as number) += (moments[k] as number) * (axis[i] as number) * (axis[j] as number);
  return tensor;
}

/** The same tensor along the axes of a frame that is turned by `orientation`. */
export function tensorInFrame(tensor: Tensor, orientation: Quaternion): Tensor {
  const axes = [0, 1, 2].map(axis => rotatedAxis(orientation, axis as 0 | 1 | 2)); // As above.
  return axes.flatMap(a =>
    axes.map(b => {
      let sum = 0;
      for (let i = 0; i < 3; i++)
        for (let j = 0; j < 3; j++) sum += (a[i] as number) * (tensor[3 * i + j] as number) * (b[j] as number);
      return sum;
    }),
  );
}

/** What a point mass adds to a tensor about another point (parallel axes). */
function pointTensor(mass: number, [x, y, z]: Vector3): Tensor {
  return [y * y + z * z, -x * y, -x * z, -x * y, x * x + z * z, -y * z, -x * z, -y * z, x * x + y * y].map(
    value => value * mass,
  );
}

/** What is left of something when parts of it are taken away; undefined where no body could be like that. */
export function remainder(whole: MassProperties, parts: readonly MassProperties[]): MassProperties | undefined {
  let mass = whole.mass;
  let moment = scale(whole.center, whole.mass);
  for (const part of parts) {
    mass -= part.mass;
    moment = subtract(moment, scale(part.center, part.mass));
  }
  if (mass <= 0) return undefined;
  const center = scale(moment, 1 / mass);
  const about = ({ mass, center: at, inertia }: MassProperties) => {
    const shift = pointTensor(mass, subtract(at, center));
    return inertia.map((value, i) => value + (shift[i] as number));
  };
  let inertia: Tensor = about(whole);
  for (const part of parts) {
    const taken = about(part);
    inertia = inertia.map((value, i) => value - (taken[i] as number));
  }
  return isPossible(inertia) ? { mass, center, inertia } : undefined;
}

/** A share of something that is heavy in the same way. */
export function share({ mass, center, inertia }: MassProperties, part: number): MassProperties {
  return { mass: mass * part, center, inertia: inertia.map(value => value * part) };
}

/** Whether a tensor is positive definite (Sylvester's criterion). */
function isPossible(tensor: Tensor): boolean {
  const [a, b, c, , d, e, , , f] = tensor as readonly [
    ...[number, number, number, number, number, number, number, number, number], // Nine, as its type says.
  ];
  return a > 0 && a * d - b * b > 0 && a * (d * f - e * e) - b * (b * f - c * e) + c * (b * e - c * d) > 0;
}

/** Volume of a shape, m³; that of its bounding box where it is a mesh. */
export function volume(kind: ShapeKind, [a, b, c]: Vector3): number {
  switch (kind) {
    case 'sphere':
      return (4 / 3) * Math.PI * a ** 3;
    case 'ellipsoid':
      return (4 / 3) * Math.PI * a * b * c;
    case 'cylinder':
      return 2 * Math.PI * a * a * b;
    case 'capsule':
      return Math.PI * a * a * (2 * b + (4 / 3) * a);
    case 'plane':
      return 0;
    default:
      return 8 * a * b * c;
  }
}

/** A shape of even density; what is round is taken for the box around it, as only its share is wanted. */
export function solid(mass: number, pose: Pose, halfExtents: Vector3): MassProperties {
  const [x, y, z] = vectorAt(halfExtents.map(value => value * value));
  const moments: Vector3 = [(mass * (y + z)) / 3, (mass * (x + z)) / 3, (mass * (x + y)) / 3];
  return { mass, center: pose.position, inertia: tensorOf(moments, pose.orientation) };
}

/** Half extents of the box with these principal moments, m: what stands for a body that has no shape. */
export function inertiaBox({ mass }: { readonly mass: number }, [x, y, z]: Vector3): Vector3 {
  const half = (value: number) => Math.max(0.002, Math.sqrt(Math.max(0, (1.5 * value) / mass)));
  return [half(y + z - x), half(x + z - y), half(x + y - z)];
}
