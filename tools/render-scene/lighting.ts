import type { Random } from '../../src/common/random.ts';
import type { Hierarchy } from './hierarchy.ts';
import { Hit, type Solid } from './solids.ts';
import { newSurface, type Surface, surfaceAt } from './surface.ts';

type Color = [number, number, number];

/** The key light: a disc that gives soft shadows. Position and radius in m; brightness relative to the sky's. */
const KEY = { position: [2.3, 0.1, 3.0], radius: 0.5, color: [2.3, 2.16, 1.9] } as const;
/** Light panels that glossy surfaces mirror: direction, cosine of half their angle, brightness. */
const PANELS = [
  { direction: [0.6, 0.03, 0.8], cosine: 0.965, brightness: 7 },
  { direction: [-0.2, -0.25, 0.947], cosine: 0.95, brightness: 5 },
  { direction: [-0.5, -0.6, 0.62], cosine: 0.93, brightness: 4 },
  { direction: [-0.25, 0.88, 0.4], cosine: 0.95, brightness: 3 },
] as const;
const ZENITH = [0.5, 0.56, 0.66] as const;
const HORIZON = [0.42, 0.43, 0.46] as const;
const NADIR = [0.15, 0.15, 0.16] as const;
/** What a surface seen by another one is lit with, before its own shadows are asked for. */
const AMBIENT = 0.3;

/** The sky's light from a direction, without panels; written to `out`. */
function sky(z: number, out: Color): void {
  const up = Math.max(0, z);
  const down = Math.max(0, -z) ** 0.5;
  for (const i of [0, 1, 2] as const)
    out[i] = z >= 0 ? HORIZON[i] + (ZENITH[i] - HORIZON[i]) * up : HORIZON[i] + (NADIR[i] - HORIZON[i]) * down;
}

/** What is gathered at one point that the camera sees. */
export interface Light {
  /** Light that falls on the surface and is scattered by it; to be multiplied by its albedo. */
  readonly diffuse: Color;
  /** Light mirrored by it. */
  readonly specular: Color;
}

/** Gathers light by casting a few rays from a point: one to the key light, one into the hemisphere, one mirrored. */
export class Lighting {
  private readonly scene: Hierarchy;
  private readonly random: Random;
  private readonly ray = new Float64Array(6);
  private readonly hit = new Hit();
  private readonly other: Surface = newSurface();
  private readonly seen: Color = [0, 0, 0];

  constructor(scene: Hierarchy, random: Random) {
    this.scene = scene;
    this.random = random;
  }

  /**
   * Writes the light at a point to `out`.
   *
   * @param point world frame, m.
   * @param view the direction in which the camera looks at it, unit.
   * @param u1, u2 two numbers in [0, 1) that spread evenly over the samples of a pixel.
   */
  gather(point: Float64Array, view: Float64Array, surface: Surface, u1: number, u2: number, out: Light): void {
    const { diffuse, specular } = out;
    diffuse.fill(0);
    specular.fill(0);
    this.addKey(point, surface.normal, u1, u2, diffuse);
    this.addSky(point, surface.normal, u1, u2, diffuse);
    this.addMirrored(point, view, surface, specular);
  }

  private addKey(point: Float64Array, normal: Color, u1: number, u2: number, diffuse: Color): void {
    const { ray } = this;
    const radius = KEY.radius * Math.sqrt(u1);
    const angle = 2 * Math.PI * u2;
    // The disc lies flat: from below that looks the same as one turned to the scene.
    const x = KEY.position[0] + radius * Math.cos(angle) - (point[0] as number);
    const y = KEY.position[1] + radius * Math.sin(angle) - (point[1] as number);
    const z = KEY.position[2] - (point[2] as number);
    const distance = Math.hypot(x, y, z);
    const cosine = (x * normal[0] + y * normal[1] + z * normal[2]) / distance;
    if (cosine <= 0) return;
    ray.set(point);
    ray[3] = x / distance;
    ray[4] = y / distance;
    ray[5] = z / distance;
    if (this.scene.blocked(ray, distance)) return;
    for (const i of [0, 1, 2] as const) diffuse[i] += KEY.color[i] * cosine;
  }

  /** A direction of the hemisphere, by Lambert's cosine law: the normal plus a point of the unit sphere. */
  private addSky(point: Float64Array, normal: Color, u1: number, u2: number, diffuse: Color): void {
    const { seen } = this;
    const z = 1 - 2 * u2;
    const r = Math.sqrt(Math.max(0, 1 - z * z));
    const angle = 2 * Math.PI * u1;
    this.aim(point, normal[0] + r * Math.cos(angle), normal[1] + r * Math.sin(angle), normal[2] + z);
    this.look(false);
    for (const i of [0, 1, 2] as const) diffuse[i] += seen[i];
  }

  private addMirrored(point: Float64Array, view: Float64Array, surface: Surface, specular: Color): void {
    const { normal, gloss, roughness } = surface;
    const [vx, vy, vz] = view as unknown as Color;
    const facing = vx * normal[0] + vy * normal[1] + vz * normal[2];
    const scatter = () => roughness * this.random.normal() * 0.5;
    this.aim(
      point,
      vx - 2 * facing * normal[0] + scatter(),
      vy - 2 * facing * normal[1] + scatter(),
      vz - 2 * facing * normal[2] + scatter(),
    );
    this.look(true);
    // Schlick's approximation of Fresnel's law, tamed for rough surfaces.
    const grazing = (1 - Math.min(1, Math.abs(facing))) ** 5;
    const share = gloss + (1 - gloss) * grazing * (1 - roughness) * 0.6;
    for (const i of [0, 1, 2] as const) specular[i] += share * this.seen[i];
  }

  private aim(point: Float64Array, x: number, y: number, z: number): void {
    const length = Math.hypot(x, y, z) || 1;
    this.ray.set(point);
    this.ray[3] = x / length;
    this.ray[4] = y / length;
    this.ray[5] = z / length;
  }

  /** What the ray sees: the sky, or a solid under rough light; to `seen`. */
  private look(panels: boolean): void {
    const { ray, hit, seen, other } = this;
    this.scene.first(ray, hit);
    if (hit.solid !== null) {
      this.shadeRoughly(hit, hit.solid, other, seen);
      return;
    }
    sky(ray[5] as number, seen);
    if (!panels) return;
    for (const { direction, cosine, brightness } of PANELS) {
      const along =
        direction[0] * (ray[3] as number) + direction[1] * (ray[4] as number) + direction[2] * (ray[5] as number);
      const inside = Math.max(0, Math.min(1, (along - cosine) / 0.015));
      for (const i of [0, 1, 2] as const) seen[i] += brightness * inside;
    }
  }

  /** A second surface's light: the key light by its shadow, the rest by a constant. */
  private shadeRoughly(hit: Hit, solid: Solid, surface: Surface, out: Color): void {
    const { ray } = this;
    surfaceAt(hit, solid, surface);
    for (let i = 0; i < 3; i++) ray[i] = (ray[i] as number) + hit.distance * (ray[3 + i] as number);
    const x = KEY.position[0] - (ray[0] as number);
    const y = KEY.position[1] - (ray[1] as number);
    const z = KEY.position[2] - (ray[2] as number);
    const distance = Math.hypot(x, y, z);
    const { normal, albedo } = surface;
    const cosine = (x * normal[0] + y * normal[1] + z * normal[2]) / distance;
    ray[3] = x / distance;
    ray[4] = y / distance;
    ray[5] = z / distance;
    const lit = cosine > 0 && !this.scene.blocked(ray, distance) ? cosine : 0;
    for (const i of [0, 1, 2] as const) out[i] = albedo[i] * (AMBIENT + KEY.color[i] * lit);
  }
}
