import { expect, test } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/index.ts';
import { ACTIONS, OBSERVATIONS, smallSac } from './sac-setup.ts';

test('a policy closes all its programs although the first cannot be closed', async () => {
  const engine = await createEngine();
  let open = 0;
  const fragile: Engine = Object.assign(Object.create(engine) as Engine, {
    async compileForward(spec: Parameters<Engine['compileForward']>[0]) {
      const forward = await engine.compileForward(spec);
      const number = ++open;
      const close = async () => {
        open--;
        await forward.close();
        if (number === 1) throw new Error('the first program is stuck');
      };
      return { ...forward, run: () => forward.run(), close };
    },
  });
  const policy = await smallSac(fragile);
  for (const count of [1, 2, 3]) await policy.computeActions(new Float32Array(count * OBSERVATIONS), count);
  await policy.inspect?.(new Float32Array(OBSERVATIONS), new Float32Array(ACTIONS));
  expect(open).toBeGreaterThan(2);
  await expect(policy.close()).rejects.toThrow('the first program is stuck');
  expect(open).toBe(0);
  await engine.close();
});
