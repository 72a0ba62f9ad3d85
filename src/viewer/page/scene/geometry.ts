import {
  BufferAttribute,
  BufferGeometry,
  CapsuleGeometry,
  CircleGeometry,
  LatheGeometry,
  SphereGeometry,
  Vector2,
} from 'three';
import { RoundedBoxGeometry } from 'three/examples/jsm/geometries/RoundedBoxGeometry.js';
import type { SceneShape } from '../../../bridge/simulator.ts';

/** Edges are rounded by this much where there is room, m: sharp ones catch no light and look like paper. */
const BEVEL = 0.004;
/** Planes reach this far, m: beyond it the haze hides everything. */
const FAR = 14;

/** A shape's surface in its own frame, after MuJoCo's conventions: cylinders and capsules lie along z. */
export function geometryOf(shape: SceneShape): BufferGeometry {
  const [a, b, c] = shape.size;
  switch (shape.kind) {
    case 'box':
      return new RoundedBoxGeometry(2 * a, 2 * b, 2 * c, 3, Math.min(BEVEL, 0.4 * Math.min(a, b, c)));
    case 'cylinder':
      return cylinder(a, b);
    case 'capsule':
      return new CapsuleGeometry(a, 2 * b, 12, 40).rotateX(Math.PI / 2);
    case 'sphere':
      return new SphereGeometry(a, 40, 24);
    case 'ellipsoid':
      return new SphereGeometry(1, 40, 24).scale(a, b, c);
    case 'plane':
      return new CircleGeometry(FAR, 64);
    case 'mesh':
      return mesh(shape);
  }
}

/** A cylinder with rounded rims, turned from its outline. */
function cylinder(radius: number, halfLength: number): BufferGeometry {
  const bevel = Math.min(BEVEL, 0.45 * halfLength, 0.3 * radius);
  const outline: Vector2[] = [new Vector2(0, -halfLength)];
  const arc = (from: number, y: number) => {
    for (let i = 0; i <= 4; i++) {
      const angle = from + (Math.PI / 2) * (i / 4);
      outline.push(new Vector2(radius - bevel + bevel * Math.cos(angle), y + bevel * Math.sin(angle)));
    }
  };
  arc(-Math.PI / 2, bevel - halfLength);
  arc(0, halfLength - bevel);
  outline.push(new Vector2(0, halfLength));
  return new LatheGeometry(outline, 56).rotateX(Math.PI / 2);
}

function mesh({ mesh: triangles }: SceneShape): BufferGeometry {
  const geometry = new BufferGeometry();
  if (triangles === undefined) return geometry;
  const { vertices, faces } = triangles;
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(vertices), 3));
  geometry.setIndex([...faces]);
  // Shared vertices would smooth over hard edges.
  const split = geometry.toNonIndexed();
  split.computeVertexNormals();
  return split;
}

/**
 * Lays a texture on a box in metres: its first axis along the box's longest side, on every face that shows that side.
 */
export function layBoards(geometry: BufferGeometry, [x, y, z]: readonly [number, number, number]): void {
  const positions = geometry.getAttribute('position');
  const normals = geometry.getAttribute('normal');
  const along = x >= y && x >= z ? 0 : y >= z ? 1 : 2;
  const uv = new Float32Array(2 * positions.count);
  for (let i = 0; i < positions.count; i++) {
    const at = [positions.getX(i), positions.getY(i), positions.getZ(i)];
    const normal = [normals.getX(i), normals.getY(i), normals.getZ(i)].map(Math.abs);
    const facing = normal.indexOf(Math.max(...normal));
    const across = [0, 1, 2].find(axis => axis !== along && axis !== facing) ?? 0;
    uv[2 * i] = at[along] as number;
    uv[2 * i + 1] = at[across] as number;
  }
  geometry.setAttribute('uv', new BufferAttribute(uv, 2));
}
