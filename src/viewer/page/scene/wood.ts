import { CanvasTexture, RepeatWrapping, SRGBColorSpace } from 'three';

/** What one tile shows, m: boards of 0.11 m that lie along its first axis. */
const TILE = { along: 1.76, across: 0.88 } as const;
const BOARDS = 8;
const PIXELS = { along: 1024, across: 512 } as const;

/** A number in [0, 1) that looks random for each pair of integers. */
function hash(i: number, j: number): number {
  let h = Math.imul(i, 0x27d4eb2d) ^ Math.imul(j, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 4294967296;
}

/** Smooth noise in [0, 1) that repeats after `period` along its first axis. */
function noise(x: number, y: number, period: number): number {
  const i = Math.floor(x);
  const j = Math.floor(y);
  const u = (x - i) ** 2 * (3 - 2 * (x - i));
  const v = (y - j) ** 2 * (3 - 2 * (y - j));
  const at = (a: number, b: number) => hash(((a % period) + period) % period, b);
  const low = at(i, j) * (1 - u) + at(i + 1, j) * u;
  const high = at(i, j + 1) * (1 - u) + at(i + 1, j + 1) * u;
  return low * (1 - v) + high * v;
}

/** How bright the grain is, about 1; `along` and `across` in [0, 1) of the tile. */
function grain(along: number, across: number): number {
  const board = Math.floor(across * BOARDS);
  const inBoard = across * BOARDS - board;
  const shift = hash(board, 11) * 97;
  const wave = noise(5 * along + Math.floor(shift), 1.3 * inBoard + 7 * board, 5);
  const fine = noise(40 * along, 60 * inBoard + 31 * board, 40);
  const fibre = noise(24 * along, 190 * inBoard + 13 * board, 24);
  const rings = 0.5 + 0.5 * Math.sin(2 * Math.PI * (2.2 * inBoard + 1.7 * wave + 5 * hash(board, 3)));
  const seam = Math.min(1, 60 * Math.min(inBoard, 1 - inBoard));
  const tone = 0.9 + 0.14 * hash(board, 1);
  return tone * (0.9 + 0.1 * rings + 0.05 * fine - 0.07 * fibre) * (0.62 + 0.38 * seam);
}

/** A texture of boards, drawn here; multiplies the shape's own colour. One metre of the surface is one unit. */
export function woodTexture(): CanvasTexture {
  const canvas = document.createElement('canvas');
  canvas.width = PIXELS.along;
  canvas.height = PIXELS.across;
  const context = canvas.getContext('2d');
  if (context !== null) {
    const image = context.createImageData(PIXELS.along, PIXELS.across);
    for (let y = 0, i = 0; y < PIXELS.across; y++)
      for (let x = 0; x < PIXELS.along; x++, i += 4) {
        const value = 235 * grain(x / PIXELS.along, y / PIXELS.across);
        // Darker grain is also redder.
        image.data[i] = value + 10;
        image.data[i + 1] = value;
        image.data[i + 2] = value - 12;
        image.data[i + 3] = 255;
      }
    context.putImageData(image, 0, 0);
  }
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  texture.wrapS = RepeatWrapping;
  texture.wrapT = RepeatWrapping;
  texture.repeat.set(1 / TILE.along, 1 / TILE.across);
  texture.anisotropy = 8;
  return texture;
}
