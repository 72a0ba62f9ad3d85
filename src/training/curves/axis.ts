/** A linear map from a range of values to a range of pixels. */
export interface Scale {
  readonly domain: readonly [number, number];
  toPixel(value: number): number;
}

export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain;
  const factor = (range[1] - range[0]) / (high - low || 1);
  return { domain, toPixel: value => range[0] + (value - low) * factor };
}

/** Round numbers (1, 2, 2.5 or 5 times a power of ten apart) within a range, about `count` of them. */
export function niceTicks([low, high]: readonly [number, number], count: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find(multiple => multiple * power >= rough * 0.999) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiplied, not added up: sums of tenths drift.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** `12k`, `0.25`, `−3`: short, with a real minus sign. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  const short = (scaled: number) => String(Number(scaled.toPrecision(4)));
  const number = size >= 1e6 ? `${short(size / 1e6)}M` : size >= 1e3 ? `${short(size / 1e3)}k` : short(size);
  return value < 0 ? `−${number}` : number;
}

/** The range that holds each set's values but for its most extreme fiftieth on either side, a little widened. */
export function robustRange(...sets: readonly (readonly number[])[]): [number, number] {
  const sorted = sets.map(values => values.filter(Number.isFinite).sort((a, b) => a - b)).filter(set => set.length > 0);
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted.map(set => set[Math.round(share * (set.length - 1))] as number);
  const [low, high] = [Math.min(...at(0.02)), Math.max(...at(0.98))];
  const margin = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
}
