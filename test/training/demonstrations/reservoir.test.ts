import { expect, test } from 'vitest';
import type { TransitionBatch } from '../../../src/agents/index.ts';
import { Random } from '../../../src/common/random.ts';
import { TransitionReservoir, transitionBytes } from '../../../src/training/demonstrations/reservoir.ts';

const SIZES = { observationSize: 2, actionSize: 1 };

/** Transition number `i`, with that number in every place. */
const numbered = (i: number) => ({
  observation: [i, i + 0.25],
  action: [i + 0.5],
  reward: -i,
  nextObservation: [i + 1, i + 1.25],
  discount: i / 8,
});

function filled(count: number, capacity: number, seed = 1): TransitionReservoir {
  const reservoir = new TransitionReservoir({ ...SIZES, capacity, random: new Random(seed) });
  for (let i = 0; i < count; i++) reservoir.add(numbered(i));
  return reservoir;
}

function batchOf(size: number): TransitionBatch {
  return {
    size,
    observations: new Float32Array(2 * size),
    actions: new Float32Array(size),
    rewards: new Float32Array(size),
    nextObservations: new Float32Array(2 * size),
    discounts: new Float32Array(size),
  };
}

/** The numbers of the transitions that are held. */
function heldIn(reservoir: TransitionReservoir): number[] {
  const batch = batchOf(1);
  return Array.from({ length: reservoir.size }, (_, i) => {
    reservoir.copyTo(i, batch, 0);
    return batch.observations[0] as number;
  });
}

test('while fewer are added than fit, all are held, in order and with every number', () => {
  // More than one block.
  const reservoir = filled(5000, 6000);
  expect(reservoir.size).toBe(5000);
  expect(heldIn(reservoir)).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  const batch = batchOf(3);
  reservoir.copyTo(4321, batch, 1);
  const { observation, action, reward, nextObservation, discount } = numbered(4321);
  expect(batch).toMatchObject({
    observations: Float32Array.of(0, 0, ...observation, 0, 0),
    actions: Float32Array.of(0, ...action, 0),
    rewards: Float32Array.of(0, reward, 0),
    nextObservations: Float32Array.of(0, 0, ...nextObservation, 0, 0),
    discounts: Float32Array.of(0, discount, 0),
  });
});

test('of more than fit, each is held as often as any other, and none twice', () => {
  const counts = new Float64Array(100);
  const draws = 2000;
  for (let seed = 0; seed < draws; seed++) {
    const held = heldIn(filled(100, 10, seed));
    expect(new Set(held).size).toBe(10);
    for (const i of held) (counts[i] as number)++;
  }
  // Binomial with p = 1/10: 200 ± 13.4; five standard deviations for the farthest of a hundred.
  for (const count of counts) expect(Math.abs(count - draws / 10)).toBeLessThan(67);
});

test('memory follows what is held, and ends at the capacity', () => {
  const capacity = 10_000;
  const most = capacity * transitionBytes(SIZES);
  expect(filled(10, capacity).bytes).toBeLessThan(most / 2);
  // Whole blocks are allocated: at most one is not used to its end.
  expect(filled(50_000, capacity).bytes).toBeLessThan(most + 4096 * transitionBytes(SIZES));
  expect(filled(50_000, 100).bytes).toBe(100 * transitionBytes(SIZES));
});
