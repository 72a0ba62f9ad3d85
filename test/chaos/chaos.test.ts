import { expect, test } from 'vitest';
import { capacityFor, chaos } from './chaos.ts';

const seconds = Number(process.env.GRASPBRIDGE_CHAOS_SECONDS ?? 60);

test.skipIf(process.platform !== 'linux')(
  'workers killed and paused, lines cut, the learner killed twice: all that was acknowledged is in the replay once, the goal is reached, nothing is left',
  async () => {
    const report = await chaos(seconds, Number(process.env.GRASPBRIDGE_CHAOS_SEED ?? 1), line => console.log(line));
    console.log(JSON.stringify(report));
    expect(report.learnersKilled).toBe(2);
    expect(report.workersKilled + report.workersPaused + report.linesCut).toBeGreaterThan(seconds / 8);
    expect(report.acknowledged).toBeGreaterThan(100);
    // Else the oldest were overwritten, and count as missing.
    expect(report.envSteps).toBeLessThan(capacityFor(seconds));
    expect(report).toMatchObject({ missing: 0, doubled: 0, repeated: 0, updatesOff: 0 });
    expect(report).toMatchObject({ goalReached: true, left: [], portFree: true });
  },
  (seconds + 240) * 1000,
);
