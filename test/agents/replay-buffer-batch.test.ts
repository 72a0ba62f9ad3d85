import { expect, test } from 'vitest';
import { ReplayBuffer } from '../../src/agents/index.ts';
import { Random } from '../../src/common/random.ts';

test('a batch is added as its transitions would be one by one, round the end of the buffer and beyond its size', () => {
  const random = new Random(1);
  const sizes = { observationSize: 3, actionSize: 2, capacity: 10 };
  const [one, all] = [new ReplayBuffer(sizes), new ReplayBuffer(sizes)];
  for (const size of [4, 0, 3, 5, 10, 23, 7]) {
    const numbers = (width: number) => Float32Array.from({ length: size * width }, () => random.normal());
    const batch = {
      size,
      observations: numbers(3),
      actions: numbers(2),
      rewards: numbers(1),
      nextObservations: numbers(3),
      discounts: numbers(1),
    };
    for (let i = 0; i < size; i++)
      one.add({
        observation: batch.observations.subarray(i * 3, i * 3 + 3),
        action: batch.actions.subarray(i * 2, i * 2 + 2),
        reward: batch.rewards[i] as number,
        nextObservation: batch.nextObservations.subarray(i * 3, i * 3 + 3),
        discount: batch.discounts[i] as number,
      });
    all.addBatch(batch);
    expect(all.getState()).toEqual(one.getState());
  }
});
