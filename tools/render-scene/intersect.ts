import type { Hit, Solid } from './solids.ts';

/** The ray at work, in a solid's own frame: module-wide, since millions of rays ask and nothing here waits. */
let ox = 0;
let oy = 0;
let oz = 0;
let dx = 0;
let dy = 0;
let dz = 0;

/** Keeps a hit at distance `t` with this normal where it is the nearest so far. */
function keep(hit: Hit, solid: Solid, t: number, nx: number, ny: number, nz: number): void {
  hit.distance = t;
  hit.solid = solid;
  const { point, normal } = hit;
  point[0] = ox + t * dx;
  point[1] = oy + t * dy;
  point[2] = oz + t * dz;
  normal[0] = nx;
  normal[1] = ny;
  normal[2] = nz;
}

/** Slabs: the ray is inside where it is between all three pairs of faces. */
function meetBox(solid: Solid, nearest: number, hit: Hit): void {
  const [hx, hy, hz] = solid.size;
  const ax = (-Math.sign(dx || 1) * hx - ox) / dx;
  const ay = (-Math.sign(dy || 1) * hy - oy) / dy;
  const az = (-Math.sign(dz || 1) * hz - oz) / dz;
  const enter = Math.max(ax, ay, az);
  const leave = Math.min(ax + (2 * hx) / Math.abs(dx), ay + (2 * hy) / Math.abs(dy), az + (2 * hz) / Math.abs(dz));
  if (!(enter < leave) || enter < nearest || enter >= hit.distance) return;
  if (enter === ax) keep(hit, solid, enter, -Math.sign(dx), 0, 0);
  else if (enter === ay) keep(hit, solid, enter, 0, -Math.sign(dy), 0);
  else keep(hit, solid, enter, 0, 0, -Math.sign(dz));
}

/** A ball of radius r around (0, 0, c). */
function meetBall(solid: Solid, c: number, r: number, nearest: number, hit: Hit): void {
  const z = oz - c;
  const b = ox * dx + oy * dy + z * dz;
  const discriminant = b * b - (ox * ox + oy * oy + z * z - r * r);
  if (discriminant < 0) return;
  const t = -b - Math.sqrt(discriminant);
  if (t < nearest || t >= hit.distance) return;
  keep(hit, solid, t, (ox + t * dx) / r, (oy + t * dy) / r, (z + t * dz) / r);
}

/** The wall of a cylinder about z, and its two lids where it has them. */
function meetCylinder(solid: Solid, lids: boolean, nearest: number, hit: Hit): void {
  const [r, h] = solid.size;
  const a = dx * dx + dy * dy;
  const b = ox * dx + oy * dy;
  const discriminant = b * b - a * (ox * ox + oy * oy - r * r);
  if (discriminant < 0) return;
  if (a > 0) {
    const t = (-b - Math.sqrt(discriminant)) / a;
    if (t >= nearest && t < hit.distance && Math.abs(oz + t * dz) <= h)
      keep(hit, solid, t, (ox + t * dx) / r, (oy + t * dy) / r, 0);
  }
  if (!lids) return;
  const side = -Math.sign(dz);
  const t = (side * h - oz) / dz;
  if (!(t >= nearest && t < hit.distance)) return;
  if ((ox + t * dx) ** 2 + (oy + t * dy) ** 2 <= r * r) keep(hit, solid, t, 0, 0, side);
}

/** The unit ball in scaled space; the scaled ray keeps its parameter. */
function meetEllipsoid(solid: Solid, nearest: number, hit: Hit): void {
  const [a, b, c] = solid.size;
  const px = ox / a;
  const py = oy / b;
  const pz = oz / c;
  const ux = dx / a;
  const uy = dy / b;
  const uz = dz / c;
  const uu = ux * ux + uy * uy + uz * uz;
  const pu = px * ux + py * uy + pz * uz;
  const discriminant = pu * pu - uu * (px * px + py * py + pz * pz - 1);
  if (discriminant < 0) return;
  const t = (-pu - Math.sqrt(discriminant)) / uu;
  if (t < nearest || t >= hit.distance) return;
  const nx = (px + t * ux) / a;
  const ny = (py + t * uy) / b;
  const nz = (pz + t * uz) / c;
  const length = Math.hypot(nx, ny, nz);
  keep(hit, solid, t, nx / length, ny / length, nz / length);
}

function meetPlane(solid: Solid, nearest: number, hit: Hit): void {
  const t = -oz / dz;
  if (t >= nearest && t < hit.distance) keep(hit, solid, t, 0, 0, 1);
}

/**
 * Looks for a hit of a ray with one solid between `nearest` and `hit.distance`, m, and keeps it in `hit`.
 *
 * @param ray origin and unit direction in the world, `[6]`.
 */
export function intersect(solid: Solid, ray: Float64Array, nearest: number, hit: Hit): void {
  const [ax, ay, az, bx, by, bz, cx, cy, cz] = solid.axes as unknown as [
    // A rotation has nine numbers; the tuple spares a check at each of them.
    ...[number, number, number, number, number, number, number, number, number],
  ];
  const { position } = solid;
  const x = (ray[0] as number) - position[0];
  const y = (ray[1] as number) - position[1];
  const z = (ray[2] as number) - position[2];
  const u = ray[3] as number;
  const v = ray[4] as number;
  const w = ray[5] as number;
  ox = ax * x + ay * y + az * z;
  oy = bx * x + by * y + bz * z;
  oz = cx * x + cy * y + cz * z;
  dx = ax * u + ay * v + az * w;
  dy = bx * u + by * v + bz * w;
  dz = cx * u + cy * v + cz * w;
  // Meshes have no analytic surface and are left out; this scene has none.
  const { kind, size } = solid;
  if (kind === 'box') meetBox(solid, nearest, hit);
  else if (kind === 'sphere') meetBall(solid, 0, size[0], nearest, hit);
  else if (kind === 'cylinder') meetCylinder(solid, true, nearest, hit);
  else if (kind === 'ellipsoid') meetEllipsoid(solid, nearest, hit);
  else if (kind === 'plane') meetPlane(solid, nearest, hit);
  else if (kind === 'capsule') {
    meetCylinder(solid, false, nearest, hit);
    meetBall(solid, size[1], size[0], nearest, hit);
    meetBall(solid, -size[1], size[0], nearest, hit);
  }
}
