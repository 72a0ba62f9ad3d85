import { UsageError } from '../common/errors.ts';
import type { StateDict } from '../common/state-dict.ts';
import type { ParameterGroup } from '../engine/index.ts';

/** Normalized observations end here on both sides. */
export const OBSERVATION_BOUND = 10;

/**
 * Mean and deviation of all observations learned from, as a group of parameters that no optimizer moves: networks see
 * clip((o − mean) · scale, ±10).
 *
 * It takes a batch in after the batch was learned from: so what acted on a rollout and what learns from it see the
 * same. Moments are merged by Chan, Golub and LeVeque's formula (1979).
 */
export class ObservationNormalizer {
  readonly group: ParameterGroup;
  private readonly size: number;
  private count = 0;
  private mean: Float64Array;
  private squares: Float64Array;

  constructor(group: ParameterGroup, size: number) {
    this.group = group;
    this.size = size;
    this.mean = new Float64Array(size);
    this.squares = new Float64Array(size);
  }

  /** Shapes of the group it needs. */
  static shapes(size: number): Readonly<Record<string, readonly number[]>> {
    return { mean: [size], scale: [size] };
  }

  /** Adds rows `[rows, size]`, and writes the group anew. */
  async add(observations: Float32Array): Promise<void> {
    const { size } = this;
    const rows = observations.length / size;
    if (rows === 0) return;
    const total = this.count + rows;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += observations[row * size + i] as number;
      const mean = sum / rows;
      let squares = 0;
      for (let row = 0; row < rows; row++) squares += ((observations[row * size + i] as number) - mean) ** 2;
      const difference = mean - (this.mean[i] as number);
      this.mean[i] = (this.mean[i] as number) + (difference * rows) / total;
      this.squares[i] = (this.squares[i] as number) + squares + (difference ** 2 * this.count * rows) / total;
    }
    this.count = total;
    await this.write();
  }

  /** Without observations, they pass as they are. */
  async write(): Promise<void> {
    const { size, count } = this;
    const values = new Float32Array(2 * size).fill(1, size);
    if (count > 0)
      for (let i = 0; i < size; i++) {
        values[i] = this.mean[i] as number;
        values[size + i] = 1 / Math.sqrt((this.squares[i] as number) / count + 1e-8);
      }
    await this.group.write(values);
  }

  getState(): StateDict {
    return { count: this.count, mean: this.mean.slice(), squares: this.squares.slice() };
  }

  /** Throws UsageError where the state is another's. */
  async setState({ count, mean, squares }: StateDict): Promise<void> {
    const fits = (values: unknown): values is Float64Array =>
      values instanceof Float64Array && values.length === this.size;
    if (typeof count !== 'number' || !fits(mean) || !fits(squares))
      throw new UsageError(`Restoring the normalization of ${this.size} observed numbers: the state is not of these.`);
    this.count = count;
    this.mean = mean.slice();
    this.squares = squares.slice();
    await this.write();
  }
}
