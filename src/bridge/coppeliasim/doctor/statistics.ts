/** The value that a share of all values does not exceed; NaN of none. The values are sorted in place. */
export function quantile(values: Float64Array, share: number): number {
  values.sort();
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}

/** `92 µs`, `1.3 ms` */
export function formatMilliseconds(milliseconds: number): string {
  return milliseconds < 1 ? `${Math.round(milliseconds * 1000)} µs` : `${milliseconds.toPrecision(3)} ms`;
}

const threeDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** `1,230 steps/s` */
export function formatRate(perSecond: number): string {
  return `${threeDigits.format(perSecond)} steps/s`;
}

/** `6.95 ×` */
export function formatTimes(factor: number): string {
  return `${threeDigits.format(factor)} ×`;
}
