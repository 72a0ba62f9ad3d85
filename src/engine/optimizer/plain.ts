import type { AdamStep, Vector } from './kernels.ts';

/** Moments below these move no parameter; as denormals they would slow every later step down. */
const TINY_FIRST_MOMENT = 1e-30;
const TINY_SECOND_MOMENT = 1e-36;

/** One step of Adam (Kingma and Ba 2015, algorithm 1), in place. */
export function adamStep(parameters: Vector, gradients: Vector, first: Vector, second: Vector, step: AdamStep): void {
  const { beta1, beta2, scale, epsilon } = step;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradients[i] as number;
    const m = beta1 * (first[i] as number) + (1 - beta1) * g;
    const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
    first[i] = Math.abs(m) > TINY_FIRST_MOMENT ? m : 0;
    second[i] = v > TINY_SECOND_MOMENT ? v : 0;
    const moved = (step.step * (first[i] as number)) / (Math.sqrt(second[i] as number) * scale + epsilon);
    parameters[i] = (parameters[i] as number) - moved;
  }
}

/** target ← target + rate (source − target), in place. */
export function polyakStep(target: Vector, source: Vector, rate: number): void {
  for (let i = 0; i < target.length; i++) {
    const value = target[i] as number;
    target[i] = value + rate * ((source[i] as number) - value);
  }
}

export function allFinite(vector: Vector): boolean {
  return vector.every(Number.isFinite);
}
