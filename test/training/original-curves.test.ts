import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../../src/common/errors.ts';
import { originalSeries, readOriginalReturns } from '../../src/training/curves/original.ts';
import { drawCurves, RunDirectory, writePicture } from '../../src/training/index.ts';
import { temporaryFolder } from './run-files.ts';

/** A run's folder with two lines of metrics. */
function aRun(name: string, seed: number): RunDirectory {
  const run = RunDirectory.create(temporaryFolder(), name);
  run.writeJson(run.configPath, { training: { env: 'SawyerReach-v1', seed } });
  return run;
}

test("the original's returns are those of its logs", () => {
  const { sparse, dense, augmented } = readOriginalReturns();
  const share = (returns: number[]) => returns.filter(value => value > 0).length / returns.length;
  const last = (returns: number[]) => returns.slice(-200).reduce((sum, value) => sum + value, 0) / 200;
  for (const returns of [sparse, dense, augmented]) expect(returns).toHaveLength(2000);
  // What the published logs give: positive returns, and the mean of the last 200 episodes.
  expect([share(sparse), share(dense), share(augmented)]).toEqual([0, 0.0115, 0.038]);
  expect(last(sparse)).toBe(0);
  expect(last(dense)).toBeCloseTo(-3.1975, 3);
  expect(last(augmented)).toBeCloseTo(-2.5512, 3);
});

test("the original's curves are means over 100 episodes of 30 steps", () => {
  const [augmented] = originalSeries(value => value);
  const { augmented: returns } = readOriginalReturns();
  const mean = returns.slice(0, 100).reduce((sum, value) => sum + value, 0) / 100;
  expect(augmented?.points[0]?.[0]).toBe(3000);
  expect(augmented?.points[0]?.[1]).toBeCloseTo(mean, 6);
  expect(augmented?.points.at(-1)?.[0]).toBe(60_000);
});

test('the picture has the three of them where they are asked for, and not otherwise', () => {
  const run = {
    name: 'mine',
    config: { env: 'SawyerReach-v1', algorithm: 'sac', seed: 1, envOptions: {}, agentOptions: {}, simulator: 'mujoco' },
    records: [],
  };
  const names = ['augmented', 'dense', 'sparse'].map(reward => `original, ${reward}`);
  const plain = drawCurves([run]);
  const compared = drawCurves([run], { original: true });
  for (const name of names) {
    expect(plain).not.toContain(name);
    expect(compared).toContain(name);
  }
});

test("a short run's own curve is within its panel beside the original's long ones", () => {
  const record = { type: 'evaluation', purpose: 'periodic', seconds: 1, episodes: 50, meanLength: 20 } as const;
  const runs = [1, 2].map(seed => ({
    name: `run-${seed}`,
    config: { env: 'SawyerReach-v1', algorithm: 'sac', seed, envOptions: {}, agentOptions: {}, simulator: 'mujoco' },
    records: [-15, -10].map((meanReturn, i) => {
      return { ...record, envSteps: 500 * (i + 1), successRate: 0, successInterval: [0, 0] as const, meanReturn };
    }),
  }));
  for (const shown of [runs, runs.slice(1)]) {
    const [, panel = ''] = drawCurves(shown, { original: true }).split('>Return');
    const [, axis] = /y2="([\d.]+)" stroke="#6b7280"\/>\n<text[^>]*>environment steps/.exec(panel) ?? [];
    const [, own = ''] = /d="([^"]*)" stroke="#2563eb"/.exec(panel) ?? [];
    const heights = [...own.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(heights.length).toBeGreaterThan(1);
    expect(Math.max(...heights)).toBeLessThan(Number(axis));
  }
});

test('a PNG has the width that was asked for and shows something dark on white', async () => {
  const run = aRun('one', 1);
  const path = join(temporaryFolder(), 'curves.png');
  await writePicture([run], path, { width: 600, original: true });
  const png = readFileSync(path);
  // PNG (ISO/IEC 15948): signature, then the header's width and height.
  expect([...png.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
  expect(png.readUInt32BE(16)).toBe(600);
  expect(png.readUInt32BE(20)).toBe(420);
  // A blank picture of that size would take a few hundred bytes.
  expect(png.byteLength).toBeGreaterThan(10_000);
});

test('another extension is refused', async () => {
  await expect(writePicture([aRun('one', 1)], 'curves.jpg')).rejects.toThrow(UsageError);
});
