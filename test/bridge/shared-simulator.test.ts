import { expect, test } from 'vitest';
import { createMujocoSimulator, SimulatorClosedError, shareSimulator } from '../../src/bridge/index.ts';

test('several users have one simulator, which is closed with the last of them', async () => {
  let opened = 0;
  const open = shareSimulator(() => {
    opened++;
    return createMujocoSimulator();
  });
  const [first, second] = await Promise.all([open(), open()]);
  expect(opened).toBe(1);
  const target = { position: [0.3, 0, 0.775], orientation: [0, 0, 0, 1] } as const;
  const state = await first.reset({ jointPositions: first.kinematics.home, target });
  expect(await second.state()).toEqual(state);
  await first.close();
  // Closing twice takes nothing from the other one.
  await first.close();
  await expect(second.state()).resolves.toEqual(state);
  await second.close();
  await expect(second.state()).rejects.toThrow(SimulatorClosedError);
  const third = await open();
  expect(opened).toBe(2);
  await third.close();
});

test('one that cannot be opened is tried again by the next user', async () => {
  let attempts = 0;
  const open = shareSimulator(async () => {
    if (++attempts === 1) throw new Error('not now');
    return createMujocoSimulator();
  });
  await expect(open()).rejects.toThrow('not now');
  await (await open()).close();
  expect(attempts).toBe(2);
});
