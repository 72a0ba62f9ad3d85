/** What one number of an observation or an action is. */
export interface Quantity {
  readonly name: string;
  /** `m`, `rad/s` …; `m × 8` where it was scaled, an empty text for a pure number. */
  readonly unit: string;
}

/** One quantity for each name. */
export function quantities(unit: string, ...names: readonly string[]): Quantity[] {
  return names.map(name => ({ name, unit }));
}

/** One quantity for each of the arm's joints `first` … 7, counted from 1. */
export function jointQuantities(unit: string, what: string, first = 1): Quantity[] {
  return quantities(unit, ...Array.from({ length: 8 - first }, (_, i) => `joint_${first + i}_${what}`));
}
