import { afterEach, expect, test } from 'vitest';
import { ObservationNormalizer } from '../../src/agents/observation-normalizer.ts';
import { createEngine, type Engine } from '../../src/engine/index.ts';

let engine: Engine;
afterEach(() => engine.close());

async function create(): Promise<ObservationNormalizer> {
  engine = await createEngine();
  return new ObservationNormalizer(engine.createGroup('normalizer', ObservationNormalizer.shapes(2)), 2);
}

/** Rows of two numbers whose mean and spread change from batch to batch. */
const BATCHES = [
  [1, 10, 3, 10],
  [7, -20, 8, -30, 12, -40],
  [-100, 5],
].map(batch => Float32Array.from(batch));

test('batches of any size, one after the other, give the mean and deviation of all their rows', async () => {
  const normalizer = await create();
  for (const batch of BATCHES) await normalizer.add(batch);
  const rows = BATCHES.flatMap(batch => [...batch]);
  const column = (i: number) => rows.filter((_, k) => k % 2 === i);
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const means = [0, 1].map(i => mean(column(i)));
  // Of the population: divided by n.
  const scales = [0, 1].map(i => 1 / Math.sqrt(mean(column(i).map(x => (x - (means[i] as number)) ** 2))));
  const written = await normalizer.group.read();
  expect([...written]).toEqual([...means, ...scales].map(x => expect.closeTo(x, 6)));
});

test('observations pass as they are before any was added, and a restored one goes on as if it had never stopped', async () => {
  const normalizer = await create();
  await normalizer.write();
  expect([...(await normalizer.group.read())]).toEqual([0, 0, 1, 1]);
  await normalizer.add(BATCHES[0] as Float32Array);
  const other = new ObservationNormalizer(engine.createGroup('other', ObservationNormalizer.shapes(2)), 2);
  await other.setState(normalizer.getState());
  for (const each of [normalizer, other]) await each.add(BATCHES[1] as Float32Array);
  expect(await other.group.read()).toEqual(await normalizer.group.read());
  expect(other.getState()).toEqual(normalizer.getState());
});
