import type { Info, StepResult } from './env.ts';
import { contains, flatSize, type Space } from './spaces.ts';

/** Returns which rules of the contract an observation breaks. */
export function observationFaults(space: Space, observation: unknown, where: string): string[] {
  if (space.kind === 'discrete')
    return contains(space, observation)
      ? []
      : [`the observation of ${where}, ${show(observation)}, is not one of the integers 0 to ${space.n - 1}.`];
  if (!(observation instanceof Float32Array))
    return [`the observation of ${where} must be a Float32Array, not ${show(observation)}.`];
  const size = flatSize(space);
  if (observation.length !== size)
    return [
      `the observation of ${where} must have ${size} numbers, as the observation space has, not ${observation.length}.`,
    ];
  for (let i = 0; i < size; i++) {
    const value = observation[i] as number;
    const [low, high] = [space.low[i] as number, space.high[i] as number];
    if (!Number.isFinite(value)) return [`number ${i} of the observation of ${where} is ${value}: it must be finite.`];
    if (!(value >= low && value <= high))
      return [
        `number ${i} of the observation of ${where} is ${value}, outside its space, which is from ${low} to ${high} there.`,
      ];
  }
  return [];
}

/** Returns which rules of the contract the info breaks. */
export function infoFaults(info: unknown, where: string): string[] {
  if (typeof info !== 'object' || info === null) return [`the info of ${where} must be an object, not ${show(info)}.`];
  const { success } = info as Info; // Whatever it holds is unknown but for this.
  return success === undefined || typeof success === 'boolean'
    ? []
    : [`info.success of ${where} must be true, false or absent, not ${show(success)}.`];
}

/** Returns which rules of the contract the result of a step breaks. */
export function stepFaults(space: Space, result: unknown): string[] {
  if (typeof result !== 'object' || result === null) return [`step() must return an object, not ${show(result)}.`];
  const { observation, reward, terminated, truncated, info } = result as StepResult; // Each checked below.
  const faults = observationFaults(space, observation, 'step()');
  if (typeof reward !== 'number' || !Number.isFinite(reward))
    faults.push(`the reward of step() must be a finite number, not ${show(reward)}.`);
  for (const [name, value] of [
    ['terminated', terminated],
    ['truncated', truncated],
  ] as const)
    if (typeof value !== 'boolean')
      faults.push(
        `${name} of step() must be true or false, not ${show(value)}` +
          `${'done' in result ? '; `done` is the old API: say whether the task ended (terminated) or was cut short (truncated)' : ''}.`,
      );
  return [...faults, ...infoFaults(info, 'step()')];
}

/** Returns which rules of the contract the result of a reset breaks. */
export function resetFaults(space: Space, result: unknown): string[] {
  if (typeof result !== 'object' || result === null) return [`reset() must return an object, not ${show(result)}.`];
  const { observation, info } = result as StepResult; // Each checked below.
  return [...observationFaults(space, observation, 'reset()'), ...infoFaults(info, 'reset()')];
}

/** A value in few words: `Float64Array [0, 1]`, `"yes"`, `undefined`. */
export function show(value: unknown): string {
  if (ArrayBuffer.isView(value)) return shorten(`${value.constructor.name} [${value}]`);
  if (Array.isArray(value)) return shorten(`the array [${value}]`);
  return shorten(typeof value === 'string' ? JSON.stringify(value) : String(value));
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
