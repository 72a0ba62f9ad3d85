/** The whole state of a {@link Random}: four 32-bit words and the spare normal draw, if one is waiting. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spareNormal: number | null;
}

/** One step of splitmix32, used to spread a seed over a generator's whole state. */
function splitmix32(state: number): { state: number; value: number } {
  const next = (state + 0x9e3779b9) | 0;
  let value = next ^ (next >>> 16);
  value = Math.imul(value, 0x21f0aaad);
  value ^= value >>> 15;
  value = Math.imul(value, 0x735a2d97);
  return { state: next, value: (value ^ (value >>> 15)) >>> 0 };
}

/**
 * Seeded pseudo-random generator (sfc32, Doty-Humphrey's PractRand), the only source of randomness in the house.
 *
 * It is handed in wherever chance is needed, and its state is saved with a checkpoint, so that a resumed run draws
 * the very numbers an uninterrupted one would have drawn.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 0;
  private spareNormal: number | null = null;

  /** @param seed any integer; its low 53 bits count. */
  constructor(seed: number) {
    let mixed = splitmix32(seed | 0);
    this.a = mixed.value;
    mixed = splitmix32(mixed.state ^ Math.floor(seed / 2 ** 32));
    this.b = mixed.value;
    mixed = splitmix32(mixed.state);
    this.c = mixed.value;
    this.counter = 1;
    // The first draws of sfc32 are correlated with its seed.
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    const result = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + result) | 0;
    return result >>> 0;
  }

  /** A uniform number in [low, high), [0, 1) by default. */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.uint32() / 4294967296);
  }

  /** A uniform integer in [0, limit), for limits up to 2^32. */
  integer(limit: number): number {
    return Math.floor((this.uint32() / 4294967296) * limit);
  }

  /** A draw from the standard normal distribution (Box and Muller's polar-free form, both values used). */
  normal(): number {
    if (this.spareNormal !== null) {
      const spare = this.spareNormal;
      this.spareNormal = null;
      return spare;
    }
    // 1 - u keeps the logarithm's argument above zero.
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Fills `out` with standard normal draws. */
  fillNormal(out: Float32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.normal();
  }

  /** A new generator whose stream is independent of this one's; this one advances by one draw. */
  fork(): Random {
    return new Random(this.uint32());
  }

  getState(): RandomState {
    return { words: [this.a, this.b, this.c, this.counter], spareNormal: this.spareNormal };
  }

  setState(state: RandomState): void {
    [this.a, this.b, this.c, this.counter] = state.words;
    this.spareNormal = state.spareNormal;
  }
}
