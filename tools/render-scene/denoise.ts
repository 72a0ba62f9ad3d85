/** What guides the filter: it does not blur across changes of these. */
export interface Guides {
  /** `[pixels × 3]` */
  readonly normals: Float32Array;
  /** Distance from the camera, m, `[pixels]`. */
  readonly depths: Float32Array;
}

/** The B3 spline's weights. */
const KERNEL = [1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16] as const;

/**
 * Smooths the noise of sampled light: five by five taps, ever further apart, each weighed by how alike the pixels are.
 *
 * Source: Dammertz et al. 2010, "Edge-Avoiding À-Trous Wavelet Transform for fast Global Illumination Filtering".
 *
 * @param light `[height × width × 3]`; a new array comes back.
 * @param tolerance the difference of light that is still taken for noise in the first pass; halved in each further one.
 */
export function denoise(
  light: Float32Array,
  width: number,
  height: number,
  guides: Guides,
  passes: number,
  tolerance: number,
): Float32Array {
  let from = light;
  for (let pass = 0; pass < passes; pass++) {
    const to = new Float32Array(from.length);
    const step = 2 ** pass;
    const spread = (tolerance / 2 ** pass) ** 2;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) filterPixel(from, to, width, height, x, y, step, spread, guides);
    from = to;
  }
  return from;
}

function filterPixel(
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  step: number,
  spread: number,
  { normals, depths }: Guides,
): void {
  const at = y * width + x;
  const depth = depths[at] as number;
  let total = 0;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let j = -2; j <= 2; j++) {
    const row = y + j * step;
    if (row < 0 || row >= height) continue;
    for (let i = -2; i <= 2; i++) {
      const column = x + i * step;
      if (column < 0 || column >= width) continue;
      const other = row * width + column;
      let turned = 0;
      let differs = 0;
      for (let c = 0; c < 3; c++) {
        turned += ((normals[3 * at + c] as number) - (normals[3 * other + c] as number)) ** 2;
        differs += ((from[3 * at + c] as number) - (from[3 * other + c] as number)) ** 2;
      }
      const away = Math.abs(depth - (depths[other] as number)) / (0.02 * depth * step);
      const alike = Math.exp(-turned / 0.02 - differs / spread - away);
      const weight = (KERNEL[i + 2] as number) * (KERNEL[j + 2] as number) * alike;
      total += weight;
      red += weight * (from[3 * other] as number);
      green += weight * (from[3 * other + 1] as number);
      blue += weight * (from[3 * other + 2] as number);
    }
  }
  to[3 * at] = red / total;
  to[3 * at + 1] = green / total;
  to[3 * at + 2] = blue / total;
}
