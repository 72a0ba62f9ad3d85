import { expect, test } from 'vitest';
import { formatTick, niceTicks, robustRange } from '../../src/training/curves/axis.ts';
import { drawCurves } from '../../src/training/curves/curves.ts';
import { groupRuns, meanCurve, type RunCurves } from '../../src/training/curves/groups.ts';

function runOf(seed: number, gamma: number, name = `run-${seed}`): RunCurves {
  const records: RunCurves['records'] = [1, 2, 3, 4].flatMap(i => [
    {
      type: 'train' as const,
      envSteps: i * 250,
      episodes: i * 10,
      updates: i * 250,
      seconds: i / 3,
      meanReturn: i * seed,
      meanLength: 20,
      successRate: i / 4,
      learner: { criticLoss: 1 / i, actorLoss: -i, temperature: 0.1 / i, entropy: 1 },
    },
    {
      type: 'evaluation' as const,
      purpose: i === 4 ? ('final' as const) : ('periodic' as const),
      envSteps: i * 250,
      seconds: i / 3,
      episodes: i === 4 ? 200 : 50,
      successRate: i === 4 ? 0.995 : i / 4,
      successInterval: [0.9, 0.999],
      meanReturn: 2,
      meanLength: 20,
    },
  ]);
  const config = {
    env: 'Point-v0',
    algorithm: 'sac',
    seed,
    simulator: 'mujoco' as const,
    envOptions: {},
    agentOptions: { gamma },
  };
  return { name, config, records };
}

test('a picture of one run has its four panels, its name, and its final success with interval', () => {
  const svg = drawCurves([runOf(1, 0.9, 'mine & <yours>')]);
  for (const words of ['Success rate', 'Return', 'Losses', 'Temperature', 'environment steps', 'critic loss'])
    expect(svg).toContain(`>${words}<`);
  expect(svg).toContain('final success 99.5 % of 200 episodes (95 % interval 90 to 99.9 %)');
  expect(svg).toContain('mine &#38; &#60;yours&#62;');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('a run with nothing recorded is drawn too', () => {
  const svg = drawCurves([{ ...runOf(1, 0.9), records: [] }]);
  expect(svg.match(/nothing was recorded/g)).toHaveLength(4);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('runs that differ only in their seed are one group, named by what tells the groups apart', () => {
  const groups = groupRuns([runOf(1, 0.9), runOf(2, 0.9), runOf(1, 0.99)]);
  expect(groups.map(({ label, runs }) => [label, runs.length])).toEqual([
    ['gamma 0.9', 2],
    ['gamma 0.99 (seed 1)', 1],
  ]);
  expect(drawCurves([runOf(1, 0.9), runOf(2, 0.9), runOf(1, 0.99)])).toContain('gamma 0.9 · 2 seeds · final 99.5 %');
});

test('what is drawn of groups is said: a mean with its interval, or one run as it is', () => {
  const [one, two, other] = [runOf(1, 0.9), runOf(2, 0.9), runOf(1, 0.99)];
  expect(drawCurves([one, two])).toContain('s seeds with its 95 % interval; a run that ended early');
  expect(drawCurves([one, two, other])).toContain('with its 95 % interval, but a single run without one; a run that');
  expect(drawCurves([one, other])).toContain('Each curve is one run, without an interval.');
});

test('a mean curve runs from where all have begun to the last end; who ended early keeps the last value', () => {
  const { points, band } = meanCurve(
    [
      [
        [0, 0],
        [100, 1],
      ],
      [
        [50, 0.5],
        [200, 0.5],
      ],
    ],
    4,
  );
  expect(points).toEqual([
    [50, 0.5],
    [100, 0.75],
    [150, 0.75],
    [200, 0.75],
  ]);
  // Student's t for one degree of freedom is 12.706; the standard error of 1 and 0.5 is 0.25.
  expect(band[3]?.[1]).toBeCloseTo(0.75 + 12.706 * 0.25, 3);
  expect(meanCurve([[], []]).points).toEqual([]);
});

test('ticks are round numbers within the range', () => {
  expect(niceTicks([0, 1], 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(niceTicks([-0.31, 0.29], 6)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2]);
  expect(niceTicks([0, 13_250], 6)).toEqual([0, 2500, 5000, 7500, 10_000, 12_500]);
  expect([1500, -0.25, 2_000_000, 0].map(formatTick)).toEqual(['1.5k', '−0.25', '2M', '0']);
});

test('one outlier in a hundred does not decide what is shown', () => {
  const [, high] = robustRange([...Array.from({ length: 99 }, (_, i) => i / 99), 1e6]);
  expect(high).toBeLessThan(1.2);
});

test('thirty groups are all named within the picture, and no two of them look alike', () => {
  const labels = Array.from({ length: 30 }, (_, i) => `gamma ${(50 + i) / 100} `);
  const svg = drawCurves(labels.map((_, i) => runOf(1, (50 + i) / 100)));
  const entries = [...svg.matchAll(/<line ([^>]*)\/><text x="([\d.]+)" y="([\d.]+)"[^>]*>(gamma [^<]*)<\/text>/g)];
  expect(entries).toHaveLength(30);
  const looks = entries.map(([, line = '']) =>
    [/stroke="[^"]*"/, /dasharray="[^"]*"/].map(look => look.exec(line)?.[0]),
  );
  expect(new Set(looks.map(look => look.join()))).toHaveProperty('size', 30);
  // 1200 pixels wide; 6.6 pixels a letter is roomy at this size.
  for (const [, , x, , label = ''] of entries) expect(Number(x) + 6.6 * label.length).toBeLessThan(1200);
  const lowest = Math.max(...entries.map(([, , , y]) => Number(y)));
  const [, title] = /y="([\d.]+)"[^>]*>Success rate, evaluated</.exec(svg) ?? [];
  expect(lowest).toBeLessThan(Number(title) - 16);
});

test('a picture is as high as its legend needs', () => {
  const height = (count: number) =>
    Number(/ height="(\d+)"/.exec(drawCurves(Array.from({ length: count }, (_, i) => runOf(1, (50 + i) / 100))))?.[1]);
  expect([1, 2, 3].map(height)).toEqual([840, 840, 840]);
  // Rows of three: nine more of 20 pixels.
  expect(height(30)).toBe(840 + 9 * 20);
});

test('of curves that are compared each is in range, however many points another has', () => {
  const many = Array.from({ length: 1000 }, (_, i) => -i / 1000);
  const [low, high] = robustRange(many, [-15, -10], []);
  expect(low).toBeLessThan(-15);
  expect(high).toBeGreaterThanOrEqual(0);
  expect(high).toBeLessThan(2);
});
