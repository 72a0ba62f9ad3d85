import { Color, type Material, MeshPhysicalMaterial, MeshStandardMaterial, SRGBColorSpace, type Texture } from 'three';
import type { SceneShape } from '../../../bridge/simulator.ts';
import { woodTexture } from './wood.ts';

/** What a scene that says nothing about a surface gets: smooth painted plastic. */
const PLASTIC = { specular: 0.5, shininess: 0.55, reflectance: 0, emission: 0 } as const;

/** Makes the materials of a scene; alike shapes share one. */
export class Looks {
  private readonly made = new Map<string, Material>();
  private wood: Texture | null = null;
  private readonly plain: boolean;

  /** @param plain leaves out what takes long without a graphics processor. */
  constructor(plain: boolean) {
    this.plain = plain;
  }

  /** The material of a shape. A material named `wood` gets boards, and `floor` is matt. */
  of(shape: SceneShape): Material {
    const [red, green, blue, opacity] = shape.color;
    const { specular, shininess, reflectance, emission } = shape.material ?? PLASTIC;
    const name = shape.kind === 'plane' ? 'floor' : (shape.material?.name ?? '');
    const key = JSON.stringify([shape.color, specular, shininess, reflectance, emission, name]);
    const existing = this.made.get(key);
    if (existing !== undefined) return existing;
    // Colours of a scene file are those of the screen.
    const color = new Color().setRGB(red, green, blue, SRGBColorSpace);
    const common = {
      color,
      roughness: name === 'floor' ? 0.95 : 1 - 0.85 * shininess,
      metalness: name === 'metal' ? 0.85 : 0,
      transparent: opacity < 1,
      opacity,
      emissive: emission > 0 ? color.clone().multiplyScalar(emission) : new Color(0),
      envMapIntensity: name === 'floor' ? 0.4 : 1,
    };
    const material =
      reflectance > 0 && !this.plain
        ? new MeshPhysicalMaterial({ ...common, clearcoat: reflectance, clearcoatRoughness: 0.25 })
        : new MeshStandardMaterial(common);
    if (name === 'wood') {
      this.wood ??= woodTexture();
      material.map = this.wood;
      if (!this.plain) {
        material.bumpMap = this.wood;
        material.bumpScale = 0.6;
      }
    }
    this.made.set(key, material);
    return material;
  }
}

/** Whether boards are laid on the shape. */
export function isWood(shape: SceneShape): boolean {
  return shape.kind === 'box' && shape.material?.name === 'wood';
}
