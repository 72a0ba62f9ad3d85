import type { Hit, Solid } from './solids.ts';

/** What a surface looks like at a point. */
export interface Surface {
  /** Linear red, green, blue: the share of light that is scattered. */
  readonly albedo: [number, number, number];
  /** World frame, unit; leans over near edges, as if they were rounded. */
  readonly normal: [number, number, number];
  /** Share of light mirrored straight on, and how much the mirrored ray scatters. */
  gloss: number;
  roughness: number;
}

/** How wide edges look rounded, m. */
const BEVEL = 0.006;
/** Planks of the table, m. */
const PLANK = 0.11;

/** sRGB to linear light. */
export function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** A number in [0, 1) that looks random for each pair of integers. */
function hash(i: number, j: number): number {
  let h = Math.imul(i, 0x27d4eb2d) ^ Math.imul(j, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** Smooth noise in [0, 1): values at integers, blended between them. */
function noise(x: number, y: number): number {
  const i = Math.floor(x);
  const j = Math.floor(y);
  const u = (x - i) ** 2 * (3 - 2 * (x - i));
  const v = (y - j) ** 2 * (3 - 2 * (y - j));
  const low = hash(i, j) * (1 - u) + hash(i + 1, j) * u;
  const high = hash(i, j + 1) * (1 - u) + hash(i + 1, j + 1) * u;
  return low * (1 - v) + high * v;
}

/** How bright wood is at a point of a board that lies along x, about 1. */
function woodGrain(x: number, y: number): number {
  const plank = Math.floor(y / PLANK);
  const across = y / PLANK - plank;
  const along = x + 3 * hash(plank, 7);
  const wave = noise(1.6 * along, 9 * y + 5 * plank);
  const rings = 0.5 + 0.5 * Math.sin(2 * Math.PI * (26 * y + 3.2 * wave + 4 * hash(plank, 3)));
  const fibre = noise(5 * along, 260 * y);
  const seam = Math.min(1, 45 * Math.min(across, 1 - across));
  return (0.86 + 0.16 * hash(plank, 1) + 0.1 * rings + 0.05 * fibre) * (0.55 + 0.45 * seam);
}

/** How far a normal leans towards an edge `distance` away, where there is room for a bevel. */
function lean(distance: number, room: number): number {
  const width = Math.min(BEVEL, 0.4 * room);
  return distance < width ? 1 - distance / width : 0;
}

/** The normal in the solid's frame, rounded near edges; written to `out`. */
function roundedNormal({ kind, size }: Solid, { point, normal }: Hit, out: [number, number, number]): void {
  out[0] = normal[0];
  out[1] = normal[1];
  out[2] = normal[2];
  if (kind === 'box') {
    for (const i of [0, 1, 2] as const)
      if (normal[i] === 0) out[i] = Math.sign(point[i]) * lean(size[i] - Math.abs(point[i]), size[i]);
  } else if (kind === 'cylinder') {
    const [r, h] = size;
    const fromAxis = Math.hypot(point[0], point[1]);
    if (normal[2] === 0) out[2] = Math.sign(point[2]) * lean(h - Math.abs(point[2]), h);
    else {
      const amount = lean(r - fromAxis, r) / (fromAxis || 1);
      out[0] = point[0] * amount;
      out[1] = point[1] * amount;
    }
  }
  const length = Math.hypot(out[0], out[1], out[2]);
  for (const i of [0, 1, 2] as const) out[i] /= length;
}

const scratch: [number, number, number] = [0, 0, 0];

/** Describes the surface at a hit; overwrites `out`. */
export function surfaceAt(hit: Hit, solid: Solid, out: Surface): void {
  roundedNormal(solid, hit, scratch);
  const { axes, color, body, kind, size } = solid;
  for (const i of [0, 1, 2] as const) {
    out.normal[i] =
      (axes[i] as number) * scratch[0] + (axes[3 + i] as number) * scratch[1] + (axes[6 + i] as number) * scratch[2];
    out.albedo[i] = linear(color[i]);
  }
  out.gloss = 0.045;
  out.roughness = 0.16;
  if (kind === 'plane') {
    out.gloss = 0.02;
    out.roughness = 0.35;
  } else if (body === 'table') {
    // Boards lie along the longest side, which is x for the top; legs show their ends only.
    const [x, y, z] = hit.point;
    const grain = size[2] > size[0] ? woodGrain(z, x + y) : woodGrain(x, y + z);
    // Oiled wood: deeper and more saturated than the plain colour of the scene.
    for (const i of [0, 1, 2] as const) out.albedo[i] = 0.85 * grain * out.albedo[i] ** 1.3;
    out.gloss = 0.035;
    out.roughness = 0.28;
  } else if (body === 'target') out.roughness = 0.3;
}

export function newSurface(): Surface {
  return { albedo: [0, 0, 0], normal: [0, 0, 0], gloss: 0, roughness: 0 };
}
