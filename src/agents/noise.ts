import type { Random } from '../common/random.ts';

/** Layers of equal area under the normal density. */
const LAYERS = 128;
/** Where the tail begins, and the area of each layer, for 128 layers. */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const SCALE = 2147483648;

/** For each layer: the integer below which a draw is surely inside, the factor to its x, the density at its edge. */
const tables = (() => {
  const inside = new Int32Array(LAYERS);
  const factor = new Float64Array(LAYERS);
  const density = new Float64Array(LAYERS);
  let edge = TAIL;
  let previous = TAIL;
  const base = AREA / Math.exp(-0.5 * edge * edge);
  inside[0] = (edge / base) * SCALE;
  inside[1] = 0;
  factor[0] = base / SCALE;
  factor[LAYERS - 1] = edge / SCALE;
  density[0] = 1;
  density[LAYERS - 1] = Math.exp(-0.5 * edge * edge);
  for (let i = LAYERS - 2; i >= 1; i--) {
    edge = Math.sqrt(-2 * Math.log(AREA / edge + Math.exp(-0.5 * edge * edge)));
    inside[i + 1] = (edge / previous) * SCALE;
    previous = edge;
    density[i] = Math.exp(-0.5 * edge * edge);
    factor[i] = edge / SCALE;
  }
  return { inside, factor, density };
})();

/** The rare case, one draw in forty: near a layer's edge, or in the tail. */
function outside(random: Random, draw: number, layer: number): number {
  const { inside, factor, density } = tables;
  let [n, i] = [draw, layer];
  for (;;) {
    const x = n * (factor[i] as number);
    if (i === 0) {
      let tail: number;
      let height: number;
      do {
        tail = -Math.log(1 - random.uniform()) / TAIL;
        height = -Math.log(1 - random.uniform());
      } while (2 * height < tail * tail);
      return n > 0 ? TAIL + tail : -TAIL - tail;
    }
    const upper = density[i - 1] as number;
    const lower = density[i] as number;
    if (lower + random.uniform() * (upper - lower) < Math.exp(-0.5 * x * x)) return x;
    i = random.uint32() & (LAYERS - 1);
    n = random.uint32() | 0;
    if (Math.abs(n) < (inside[i] as number)) return n * (factor[i] as number);
  }
}

/**
 * Fills `out` with standard normal draws by the ziggurat method: no logarithm or sine but for one draw in forty, which
 * an update's thousands of draws notice.
 *
 * Source: Marsaglia and Tsang 2000, The Ziggurat Method for Generating Random Variables; the layer and the number come
 * from two different draws, as Doornik 2005 asks.
 */
export function fillStandardNormal(random: Random, out: Float32Array): void {
  const { inside, factor } = tables;
  let layers = 0;
  for (let k = 0; k < out.length; k++) {
    // One draw's 32 bits give the layers of four numbers.
    if ((k & 3) === 0) layers = random.uint32();
    const layer = layers & (LAYERS - 1);
    layers >>>= 8;
    const n = random.uint32() | 0;
    out[k] = Math.abs(n) < (inside[layer] as number) ? n * (factor[layer] as number) : outside(random, n, layer);
  }
}
