import type { SceneDescription } from '../../src/bridge/index.ts';
import { Random } from '../../src/common/random.ts';
import type { Quaternion, Vector3 } from '../../src/common/rotations.ts';
import { type Camera, pinhole } from './camera.ts';
import { denoise } from './denoise.ts';
import { Hierarchy } from './hierarchy.ts';
import { type Light, Lighting } from './lighting.ts';
import { Hit, placeShape, type Solid } from './solids.ts';
import { newSurface, surfaceAt } from './surface.ts';

export interface RenderOptions {
  readonly width: number;
  readonly height: number;
  readonly camera: Camera;
  /** Rays through each pixel, along each side of it. */
  readonly samples: number;
}

/** The picture's far end: bottom and top, linear. The floor fades into it between these distances, m. */
const BACKGROUND = { bottom: [0.46, 0.49, 0.54], top: [0.62, 0.66, 0.72], from: 0.4, to: 2.6 } as const;
/** Golden ratio's relatives, which spread points evenly over a square (Roberts 2018, the R2 sequence). */
const R2 = [0.7548776662466927, 0.5698402909980532] as const;

/** All shapes of a scene in the world that are to be looked at. */
export function solidsOf({ bodies }: SceneDescription, poses: Float64Array): Solid[] {
  return bodies.flatMap((body, index) => {
    const [x, y, z, qx, qy, qz, qw] = poses.subarray(7 * index, 7 * index + 7) as unknown as [
      // Seven numbers a body, as bodyPoses() says.
      ...[number, number, number, number, number, number, number],
    ];
    const origin: Vector3 = [x, y, z];
    const orientation: Quaternion = [qx, qy, qz, qw];
    return body.shapes
      .filter(({ color }) => color[3] === 1)
      .map(shape => placeShape(shape, body.name, origin, orientation));
  });
}

/** ACES's filmic curve as fitted by Narkowicz 2015, then sRGB's; to 0 … 255. */
function develop(light: number): number {
  const x = 0.72 * light;
  const filmic = Math.min(1, (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14));
  const encoded = filmic <= 0.0031308 ? 12.92 * filmic : 1.055 * filmic ** (1 / 2.4) - 0.055;
  return Math.round(255 * encoded);
}

/**
 * A picture of solids under a soft key light and a sky, `[height × width × 3]`, sRGB. The same each time.
 *
 * @param onRow is told how many rows are done.
 */
export function render(
  solids: readonly Solid[],
  { width, height, camera, samples }: RenderOptions,
  onRow: (done: number) => void = () => {},
): Uint8Array {
  const random = new Random(1);
  const scene = new Hierarchy(solids);
  const lighting = new Lighting(scene, random);
  const cast = pinhole(camera, width / height);
  const pixels = width * height;
  const albedos = new Float32Array(3 * pixels);
  const diffuse = new Float32Array(3 * pixels);
  const specular = new Float32Array(3 * pixels);
  const backdrop = new Float32Array(3 * pixels);
  const guides = { normals: new Float32Array(3 * pixels), depths: new Float32Array(pixels) };
  const ray = new Float64Array(6);
  const point = new Float64Array(3);
  const hit = new Hit();
  const surface = newSurface();
  const light: Light = { diffuse: [0, 0, 0], specular: [0, 0, 0] };
  const share = 1 / samples ** 2;

  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const shift1 = random.uniform();
      const shift2 = random.uniform();
      for (let sample = 0; sample < samples ** 2; sample++) {
        const sx = x + ((sample % samples) + random.uniform()) / samples;
        const sy = y + (Math.floor(sample / samples) + random.uniform()) / samples;
        cast(sx / width, sy / height, ray);
        scene.first(ray, hit);
        const { solid, distance } = hit;
        let far = 1;
        if (solid !== null) {
          surfaceAt(hit, solid, surface);
          for (let i = 0; i < 3; i++) point[i] = (ray[i] as number) + distance * (ray[3 + i] as number);
          far = solid.kind === 'plane' ? Math.hypot(point[0] as number, point[1] as number) : 0;
          far = Math.max(0, Math.min(1, (far - BACKGROUND.from) / (BACKGROUND.to - BACKGROUND.from)));
          far = far * far * (3 - 2 * far);
        }
        guides.depths[at] = (guides.depths[at] as number) + share * Math.min(distance, 20);
        const level = 1 - sy / height;
        for (let i = 0; i < 3; i++) {
          const bottom = BACKGROUND.bottom[i] as number;
          const behind = bottom + ((BACKGROUND.top[i] as number) - bottom) * level;
          backdrop[3 * at + i] = (backdrop[3 * at + i] as number) + share * far * behind;
        }
        if (solid === null || far === 1) continue;
        const u1 = (shift1 + sample * R2[0]) % 1;
        const u2 = (shift2 + sample * R2[1]) % 1;
        lighting.gather(point, ray.subarray(3), surface, u1, u2, light);
        for (const i of [0, 1, 2] as const) {
          const k = 3 * at + i;
          guides.normals[k] = (guides.normals[k] as number) + share * surface.normal[i];
          albedos[k] = (albedos[k] as number) + share * (1 - far) * surface.albedo[i];
          diffuse[k] = (diffuse[k] as number) + share * light.diffuse[i];
          specular[k] = (specular[k] as number) + share * (1 - far) * light.specular[i];
        }
      }
    }
    onRow(y + 1);
  }

  const smooth = denoise(diffuse, width, height, guides, 4, 1);
  const gloss = denoise(specular, width, height, guides, 3, 0.3);
  return Uint8Array.from(smooth, (value, k) =>
    develop(value * (albedos[k] as number) + (gloss[k] as number) + (backdrop[k] as number)),
  );
}
