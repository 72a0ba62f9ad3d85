/** A curve that grows: values over environment steps, ascending. */
export class Curve {
  private xs = new Float64Array(256);
  private ys = new Float64Array(256);
  length = 0;

  append(steps: readonly number[], values: readonly (number | null)[]): void {
    for (const [i, step] of steps.entries()) {
      const value = values[i];
      if (value === null || value === undefined || !Number.isFinite(value)) continue;
      if (this.length === this.xs.length) this.grow();
      this.xs[this.length] = step;
      this.ys[this.length++] = value;
    }
  }

  get first(): number {
    return this.length === 0 ? 0 : (this.xs[0] as number);
  }
  get last(): number {
    return this.length === 0 ? 0 : (this.xs[this.length - 1] as number);
  }

  /** The value at a step, on the line between the points on either side of it; null outside of the curve. */
  at(step: number): number | null {
    if (this.length === 0 || step < this.first || step > this.last) return null;
    const after = this.indexOf(step);
    const before = Math.max(0, after - 1);
    const [x0, x1] = [this.xs[before] as number, this.xs[after] as number]; // Within the curve, by the check above.
    const [y0, y1] = [this.ys[before] as number, this.ys[after] as number];
    return x1 === x0 ? y1 : y0 + ((y1 - y0) * (step - x0)) / (x1 - x0);
  }

  /**
   * The curve smoothed: an exponential average in which a value's weight is down to 1/e after `window` points, without
   * the pull of the first one (Adam's bias correction).
   */
  smoothed(window: number): Curve {
    if (window <= 1) return this;
    const out = new Curve();
    out.xs = this.xs.slice(0, Math.max(1, this.length));
    out.ys = new Float64Array(out.xs.length);
    out.length = this.length;
    const keep = Math.exp(-1 / window);
    let sum = 0;
    let weight = 0;
    for (let i = 0; i < this.length; i++) {
      sum = keep * sum + (1 - keep) * (this.ys[i] as number);
      weight = keep * weight + (1 - keep);
      out.ys[i] = sum / weight;
    }
    return out;
  }

  /**
   * What can be seen of the part within [low, high] on `columns` columns of pixels: at most the lowest and highest
   * point of each, in order, and one point beyond either end. No peak is lost, however many points there are.
   */
  visible(low: number, high: number, columns: number): { x: number[]; y: number[] } {
    const from = Math.max(0, this.indexOf(low) - 1);
    const to = Math.min(this.length, this.indexOf(high) + 2);
    const x: number[] = [];
    const y: number[] = [];
    const push = (i: number) => {
      x.push(this.xs[i] as number);
      y.push(this.ys[i] as number);
    };
    if (to - from <= 2 * columns) {
      for (let i = from; i < to; i++) push(i);
      return { x, y };
    }
    const size = (to - from) / columns;
    for (let column = 0; column < columns; column++) {
      const start = from + Math.floor(column * size);
      const end = from + Math.floor((column + 1) * size);
      let lowest = start;
      let highest = start;
      for (let i = start + 1; i < end; i++) {
        const value = this.ys[i] as number;
        if (value < (this.ys[lowest] as number)) lowest = i;
        else if (value > (this.ys[highest] as number)) highest = i;
      }
      push(Math.min(lowest, highest));
      if (lowest !== highest) push(Math.max(lowest, highest));
    }
    push(to - 1);
    return { x, y };
  }

  /** The first point at or after a step. */
  private indexOf(step: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.xs[middle] as number) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private grow(): void {
    const larger = () => new Float64Array(2 * this.xs.length);
    const [xs, ys] = [larger(), larger()];
    xs.set(this.xs);
    ys.set(this.ys);
    this.xs = xs;
    this.ys = ys;
  }
}
