import { expect, test } from 'vitest';
import { OpenThings } from '../../src/training/open-things.ts';

test('closes the last first, and everything although one fails', async () => {
  const closed: string[] = [];
  const thing = (name: string, error?: Error) => ({
    async close() {
      closed.push(name);
      if (error !== undefined) throw error;
    },
  });
  const open = new OpenThings(thing('env'));
  open.keep(thing('engine', new Error('the engine is stuck')));
  open.keep(thing('policy'));
  await expect(open.close()).rejects.toThrow('the engine is stuck');
  expect(closed).toEqual(['policy', 'engine', 'env']);
  // Nothing is closed twice.
  await open.close();
  expect(closed).toHaveLength(3);
});
