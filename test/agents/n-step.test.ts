import { expect, test } from 'vitest';
import { NStepAccumulator, type Transition } from '../../src/agents/index.ts';

const GAMMA = 0.5;

/** An accumulator and what it has handed over; step n sees n and earns 10^n. */
function collect(steps: number) {
  const transitions: Transition[] = [];
  const buffer = { add: (transition: Transition) => void transitions.push(transition) };
  const accumulator = new NStepAccumulator({ observationSize: 1, actionSize: 1, steps, gamma: GAMMA, buffer });
  const step = (n: number, end: 'terminated' | 'truncated' | null = null) =>
    accumulator.add({
      observation: [n],
      action: [-n],
      reward: 10 ** n,
      nextObservation: [n + 1],
      terminated: end === 'terminated',
      truncated: end === 'truncated',
    });
  const rows = () =>
    transitions.map(({ observation, action, reward, nextObservation, discount }) => [
      observation[0],
      action[0],
      reward,
      nextObservation[0],
      discount,
    ]);
  return { accumulator, step, rows };
}

test('three steps make one transition of discounted rewards, then one more with every step', () => {
  const { step, rows } = collect(3);
  step(0);
  step(1);
  expect(rows()).toEqual([]);
  step(2);
  step(3);
  expect(rows()).toEqual([
    [0, -0, 1 + 5 + 25, 3, 0.125],
    [1, -1, 10 + 50 + 250, 4, 0.125],
  ]);
});

test('a termination finishes what is under way, and nothing is worth anything after it', () => {
  const { step, rows } = collect(3);
  step(0);
  step(1, 'terminated');
  expect(rows()).toEqual([
    [0, -0, 1 + 5, 2, 0],
    [1, -1, 10, 2, 0],
  ]);
});

test('a truncation finishes what is under way, and bootstraps over the steps there were', () => {
  const { step, rows } = collect(3);
  step(0);
  step(1, 'truncated');
  expect(rows()).toEqual([
    [0, -0, 1 + 5, 2, GAMMA ** 2],
    [1, -1, 10, 2, GAMMA],
  ]);
});

test('a step that is both terminated and truncated is terminated', () => {
  const { accumulator, rows } = collect(1);
  accumulator.add({
    observation: [0],
    action: [0],
    reward: 1,
    nextObservation: [1],
    terminated: true,
    truncated: true,
  });
  expect(rows()[0]?.[4]).toBe(0);
});

test('no transition reaches from one episode into the next', () => {
  const { step, rows } = collect(3);
  step(0, 'truncated');
  step(5);
  step(6);
  step(7);
  expect(rows().map(([from, , , to]) => [from, to])).toEqual([
    [0, 1],
    [5, 8],
  ]);
});

test('with one step they are plain transitions', () => {
  const { step, rows } = collect(1);
  step(0);
  step(1, 'terminated');
  expect(rows()).toEqual([
    [0, -0, 1, 1, GAMMA],
    [1, -1, 10, 2, 0],
  ]);
});

test('a restored accumulator goes on in the middle of an episode', () => {
  const [a, b] = [collect(3), collect(3)];
  for (const n of [0, 1]) a.step(n);
  b.accumulator.setState(structuredClone(a.accumulator.getState()));
  for (const { step } of [a, b]) {
    step(2);
    step(3, 'terminated');
  }
  expect(b.rows()).toEqual(a.rows());
});

test('a state of another size, an impossible n or γ are refused', () => {
  const { accumulator } = collect(3);
  expect(() => accumulator.setState({ pending: [{ observation: Float32Array.of(1, 2) }] })).toThrow(
    /another environment/,
  );
  expect(() => accumulator.setState({})).toThrow(/no list/);
  expect(() => collect(0)).toThrow(/positive integer/);
});
