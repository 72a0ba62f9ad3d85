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
      speed: 0.4,
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
      await page.keyboard.down(key);
      for (const deadline = Date.now() + 30_000; !enough() && Date.now() < deadline; ) await page.waitForTimeout(5);
      await page.keyboard.up(key);
    };
    const { env } = staged;
    const off = (axis: 0 | 1) => env.state.target.position[axis] - env.state.padsCenter[axis];
    const heading = () => {
      const [x, y, z, w] = env.state.tip.orientation;
      const yaw = Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z));
      return yaw - Math.PI * Math.round(yaw / Math.PI);
    };
    // Shift: slowly, so that a key let go late does not lead too far.
    await page.keyboard.down('Shift');
    // A busy machine's page hears of a key late, and leads a little too far: then back, as a person would.
    const bring = async (error: () => number, tolerance: number, more: string, less: string) => {
      for (let attempt = 0; attempt < 8 && Math.abs(error()) > tolerance; attempt++) {
        const way = Math.sign(error());
        await hold(way > 0 ? more : less, () => way * error() < tolerance / 2);
        await untilStatus(page, s => s.waiting || s.over);
      }
    };
    await bring(() => -heading(), 0.08, 'j', 'l');
    await bring(() => off(0), 0.008, 'w', 's');
    await bring(() => off(1), 0.008, 'a', 'd');
    await page.keyboard.up('Shift');
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
  }, 120_000);
});
