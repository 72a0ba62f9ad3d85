import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEnv, type Episode, openDemonstrations, Recording, replayEpisode } from '../../src/demos/index.ts';
import { type Env, makeEnv } from '../../src/envs/index.ts';
import { temporaryFolder } from '../training/run-files.ts';
import { BROWSER, eventually, launch, openPage, untilStatus } from './browser.ts';
import { stage } from './stage.ts';

const OPTIONS = { target: 'fixed', yaw: 'fixed', startJitter: 0, maxEpisodeSteps: 300 };

describe.skipIf(BROWSER === null)('teleoperation, in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('records a grasp that was driven with the keyboard, and the grasp replays', async () => {
    const out = join(temporaryFolder(), 'hand.json');
    const staged = await stage({
      expert: false,
      // A key let go a second late leads no further than 8 mm while Shift is held.
      speed: 0.1,
      envOptions: OPTIONS,
      record: env => {
        const general = env as unknown as Env; // Only looked at, whatever its spaces are.
        const described = describeEnv(general, { id: 'SawyerGrasp-v1', options: OPTIONS, simulator: 'mujoco' });
        return new Recording(out, {
          ...described,
          policy: { name: 'person', noise: 0 },
          seed: 1,
          onlySuccessful: false,
        });
      },
    });
    const { page } = await openPage(browser, staged.url);
    await eventually(
      page,
      () => globalThis.graspbridge?.drawn() ?? 0,
      drawn => drawn > 0,
    );
    await untilStatus(page, s => s.driver === 'person' && s.waiting);
    // There is nobody to hand back to.
    expect(await page.locator('#take-over').count()).toBe(0);
    const help = await page.locator('#help').textContent();
    expect(help).toContain('Enter saves');
    expect(help).not.toContain('hands back');

    /** Holds a key until the simulator says it is enough; time stands still in between. */
    const hold = async (key: string, enough: () => boolean) => {
      for (const deadline = Date.now() + 60_000; !enough() && Date.now() < deadline; ) {
        // A browser that halted may have lost the key: pressed anew now and then, as a person would.
        await page.keyboard.down(key);
        for (const tired = Date.now() + 5000; !enough() && Date.now() < tired; ) await page.waitForTimeout(5);
        await page.keyboard.up(key);
      }
    };
    const { env } = staged;
    const off = (axis: 0 | 1 | 2) => env.state.target.position[axis] - env.state.padsCenter[axis];
    const heading = () => {
      const [x, y, z, w] = env.state.tip.orientation;
      const yaw = Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z));
      return yaw - Math.PI * Math.round(yaw / Math.PI);
    };
    const axes = [
      { error: () => -heading(), tolerance: 0.08, more: 'j', less: 'l' },
      { error: () => off(0), tolerance: 0.008, more: 'w', less: 's' },
      { error: () => off(1), tolerance: 0.008, more: 'a', less: 'd' },
    ];
    // A busy machine's page hears of a key late, and leads a little too far: then back, as a person would.
    const bring = async (times: number) => {
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
        const axis = axes.find(({ error, tolerance }) => Math.abs(error()) > times * tolerance);
        if (axis === undefined) return;
        const { error, tolerance, more, less } = axis;
        const way = Math.sign(error());
        await hold(way > 0 ? more : less, () => way * error() < (times * tolerance) / 2);
        await untilStatus(page, s => s.waiting || s.over);
      }
    };
    const bringSlowly = async () => {
      await page.keyboard.down('Shift');
      await bring(1);
      await page.keyboard.up('Shift');
    };
    await bring(5);
    await bringSlowly();
    // On the way down the hand drifts a little.
    await hold('q', () => -off(2) < 0.06);
    await bringSlowly();
    await hold('q', () => staged.played.length > 0);
    await untilStatus(page, s => s.over && s.success && s.recording?.undecided === true);
    await page.keyboard.press('Enter');
    await untilStatus(page, s => s.recording?.saved === 1);
    await page.close();
    expect((await staged.stop()).recorded).toBe(out);

    const reader = await openDemonstrations(out);
    const episodes: Episode[] = [];
    for await (const episode of reader.episodes()) episodes.push(episode);
    await reader.close();
    const again = await makeEnv('SawyerGrasp-v1', OPTIONS);
    const replay = await replayEpisode(again, episodes[0] as Episode); // One was saved.
    await again.close();
    expect(replay.comparison).toMatchObject({ identical: true, replayed: { success: true } });
  });
});
