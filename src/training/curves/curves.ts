import { objectiveOf } from '../../envs/index.ts';
import { algorithmLabel, isPolicyModule } from '../algorithms.ts';
import { pool } from '../evaluate.ts';
import type { EvaluationRecord } from '../metrics.ts';
import { evaluationRecords, groupRuns, meanCurve, type RunCurves, type RunGroup, trainRecords } from './groups.ts';
import { ORIGINAL_STEPS, originalSeries } from './original.ts';
import {
  drawLegend,
  drawPanel,
  extraLegendHeight,
  INK,
  type LegendEntry,
  PALE_INK,
  type Panel,
  type Point,
  type Series,
} from './panel.ts';
import { element, text } from './svg.ts';

const WIDTH = 1200;
/** Of the title, the subtitle and one row of the legend. */
const HEADER_HEIGHT = 104;
/** Of the panels, two above two, with the gap below them. */
const PANELS_HEIGHT = 736;
const HEADER_LEFT = 28;
const BLUE = '#2563eb';
const PALETTE = [BLUE, '#ea580c', '#16a34a', '#7c3aed', '#dc2626', '#0d9488', '#ca8a04', '#db2777'];
/** Of the lines after each use of the whole palette. */
const DASHES = [undefined, '9 5', '2 4', '10 4 2 4'];
const X_LABEL = 'environment steps';
const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif";

export interface CurvesOptions {
  /** Puts the original work's curves beside: share of episodes with a positive return, and return. */
  readonly original?: boolean;
}

/**
 * Learning curves as one SVG picture: success rate, return, losses, temperature over environment steps.
 *
 * One run is shown in detail; of several, runs that differ only in their seed become one curve with its 95 % interval.
 */
export function drawCurves(runs: readonly RunCurves[], { original = false }: CurvesOptions = {}): string {
  const groups = groupRuns(runs);
  const single = runs.length === 1 ? runs[0] : undefined;
  const own = single === undefined ? groupPanels(groups) : runPanels(single);
  const panels = original ? own.map(withOriginal) : own;
  const legend = headerLegend(groups, single === undefined, original ? panels : []);
  const legendWidth = WIDTH - 2 * HEADER_LEFT;
  const header = HEADER_HEIGHT + extraLegendHeight(legend, legendWidth);
  const gap = 14;
  const width = (WIDTH - 3 * gap) / 2;
  const height = (PANELS_HEIGHT - gap) / 2;
  const drawn = panels.map((panel, i) =>
    drawPanel(panel, {
      x: gap + (i % 2) * (width + gap),
      y: header + Math.floor(i / 2) * height,
      width,
      height,
    }),
  );
  const total = header + PANELS_HEIGHT;
  const content = [
    element('rect', { width: WIDTH, height: total, fill: '#ffffff' }),
    text(HEADER_LEFT, 40, single?.name ?? titleOf(groups), { fill: INK, 'font-size': 22, 'font-weight': 700 }),
    text(HEADER_LEFT, 66, single === undefined ? groupSubtitle(groups) : runSubtitle(single), {
      fill: PALE_INK,
      'font-size': 14,
    }),
    drawLegend(legend, HEADER_LEFT, 92, legendWidth),
    ...drawn,
  ];
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${WIDTH} ${total}`,
      width: WIDTH,
      height: total,
      'font-family': FONT,
      role: 'img',
    },
    `\n${content.join('\n')}\n`,
  )}\n`;
}

/** What stands under the title: the groups' colours, or where the original is shown beside one run, all its panels' lines. */
function headerLegend(
  groups: readonly RunGroup[],
  grouped: boolean,
  compared: readonly Panel[],
): readonly LegendEntry[] {
  const beside = compared[0]?.series ?? [];
  if (!grouped) return beside;
  const own = groups.map((group, i) => ({ label: legendOf(group), ...lookOf(i) }));
  return [...own, ...beside.filter(({ style }) => style === 'dashed')];
}

/** Success and return beside the original's, as far as those went. */
function withOriginal(panel: Panel): Panel {
  const value = /^Success/.test(panel.title)
    ? (total: number) => (total > 0 ? 1 : 0)
    : /^Return/.test(panel.title)
      ? (total: number) => total
      : null;
  if (value === null) return panel;
  const [low, high] = panel.xRange;
  return {
    ...panel,
    title: panel.title.startsWith('Success') ? `${panel.title} (original: return above 0)` : panel.title,
    xRange: [low, Math.max(high, ORIGINAL_STEPS)],
    series: [...originalSeries(value), ...panel.series],
    compares: true,
  };
}

const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
/** No two of the first 32 are alike. */
const lookOf = (i: number) => ({
  color: PALETTE[i % PALETTE.length] as string, // Within the palette by the remainder.
  dashes: DASHES[Math.floor(i / PALETTE.length) % DASHES.length],
});

/** `99.5 % of 200 episodes (95 % interval 97.2 to 99.9 %)` */
function stated(evaluation: Pick<EvaluationRecord, 'successRate' | 'episodes' | 'successInterval'>): string {
  const [low, high] = evaluation.successInterval;
  return `${percent(evaluation.successRate)} of ${evaluation.episodes} episodes (95 % interval ${Number((low * 100).toFixed(1))} to ${percent(high)})`;
}

/** What a final evaluation came to: its success, or its mean return if that is what counts. */
function finalOf(
  env: string,
  { meanReturn, successReported }: Pick<EvaluationRecord, 'meanReturn' | 'successReported'>,
  success: string,
): string {
  const judged = objectiveOf(env) === 'success' && successReported !== false;
  return judged ? `final ${success}` : `final mean return ${meanReturn.toFixed(1)}`;
}

/** `SAC`; a module's name as it is. */
function labelOf(algorithm: string): string {
  return isPolicyModule(algorithm) ? algorithmLabel(algorithm) : algorithm.toUpperCase();
}

function runSubtitle(run: RunCurves): string {
  const { env, algorithm, seed } = run.config;
  const final = evaluationRecords(run, 'final').at(-1);
  const seconds = run.records.at(-1)?.seconds;
  const time = seconds === undefined ? '' : ` · ${seconds.toFixed(1)} s of training`;
  const outcome = final === undefined ? 'no final evaluation' : finalOf(env, final, `success ${stated(final)}`);
  return `${env} · ${labelOf(algorithm)} · seed ${seed}${time} · ${outcome}`;
}

function titleOf(groups: readonly RunGroup[]): string {
  const environments = new Set(groups.flatMap(group => group.runs.map(run => run.config.env)));
  return `Learning curves: ${[...environments].join(', ')}`;
}

function groupSubtitle(groups: readonly RunGroup[]): string {
  const alone = groups.filter(group => group.runs.length === 1).length;
  if (alone === groups.length) return 'Each curve is one run, without an interval.';
  const without = alone === 0 ? '' : ', but a single run without one';
  return `Mean of each group's seeds with its 95 % interval${without}; a run that ended early keeps its last value.`;
}

function legendOf(group: RunGroup): string {
  const finals = group.runs.flatMap(run => evaluationRecords(run, 'final').slice(-1));
  const count = `${group.runs.length} ${group.runs.length === 1 ? 'run' : 'seeds'}`;
  const [first, ...rest] = finals;
  if (first === undefined) return `${group.label} · ${count}`;
  const all = rest.reduce<ReturnType<typeof pool>>(pool, first);
  return `${group.label} · ${count} · ${finalOf(group.runs[0]?.config.env ?? '', all, percent(all.successRate))}`;
}

function xRangeOf(runs: readonly RunCurves[]): [number, number] {
  return [0, Math.max(1, ...runs.map(run => run.records.at(-1)?.envSteps ?? 0))];
}

const SUCCESS_AXIS = { yRange: [-0.02, 1.02], yTicks: [0, 0.25, 0.5, 0.75, 1], formatY: percent } as const;

function runPanels(run: RunCurves): Panel[] {
  const xRange = xRangeOf([run]);
  const base = { xLabel: X_LABEL, xRange, compares: false };
  const train = trainRecords(run);
  const periodic = evaluationRecords(run, 'periodic');
  const final = evaluationRecords(run, 'final').at(-1);
  const evaluated = (value: (record: EvaluationRecord) => number): Series => ({
    label: `evaluation (${periodic[0]?.episodes ?? 0} episodes, deterministic)`,
    color: BLUE,
    style: 'dots',
    points: periodic.map(record => [record.envSteps, value(record)]),
  });
  // Without any there is no curve that a legend could name.
  const withEvaluated = (training: Series, evaluation: Series) =>
    periodic.length === 0 ? [training] : [training, evaluation];
  const training = (value: (record: (typeof train)[number]) => number): Series => ({
    label: 'training episodes',
    color: '#ea580c',
    style: 'faint',
    points: train.map(record => [record.envSteps, value(record)]),
  });
  const losses = learnerNames(run).filter(name => /loss/i.test(name));
  return [
    {
      ...base,
      title: 'Success rate',
      yLabel: 'share of episodes',
      ...SUCCESS_AXIS,
      series: withEvaluated(
        training(record => record.successRate),
        { ...evaluated(record => record.successRate), band: periodic.map(record => record.successInterval) },
      ),
      ...(final === undefined
        ? {}
        : {
            mark: {
              point: [final.envSteps, final.successRate],
              label: `final ${percent(final.successRate)}`,
              color: BLUE,
            },
          }),
    },
    {
      ...base,
      title: 'Return',
      yLabel: 'sum of rewards per episode',
      series: withEvaluated(
        training(record => record.meanReturn),
        evaluated(record => record.meanReturn),
      ),
    },
    {
      ...base,
      title: 'Losses',
      yLabel: 'loss',
      series: losses.map((name, i) => ({ label: words(name), ...lookOf(i), points: learnerCurve(run, name) })),
    },
    {
      ...base,
      title: 'Temperature',
      yLabel: 'temperature (alpha)',
      series: [{ label: 'temperature', color: '#7c3aed', points: temperatureCurve(run) }],
    },
  ];
}

function groupPanels(groups: readonly RunGroup[]): Panel[] {
  const base = { xLabel: X_LABEL, xRange: xRangeOf(groups.flatMap(group => group.runs)), compares: true };
  const series = (curve: (run: RunCurves) => readonly Point[]): Series[] =>
    groups.map((group, i) => ({
      label: group.label,
      ...lookOf(i),
      ...(group.runs.length === 1 ? { points: curve(group.runs[0] as RunCurves) } : meanCurve(group.runs.map(curve))), // One run, so there is a first.
    }));
  const evaluated = (value: (record: EvaluationRecord) => number) => (run: RunCurves) =>
    evaluationRecords(run, 'periodic').map(record => [record.envSteps, value(record)] as const);
  const critic = (run: RunCurves) => learnerNames(run).find(name => /critic.*loss/i.test(name));
  return [
    {
      ...base,
      title: 'Success rate, evaluated',
      yLabel: 'share of episodes',
      ...SUCCESS_AXIS,
      series: series(evaluated(record => record.successRate)).map(clipped),
    },
    {
      ...base,
      title: 'Return, evaluated',
      yLabel: 'sum of rewards per episode',
      series: series(evaluated(record => record.meanReturn)),
    },
    {
      ...base,
      title: 'Critic loss',
      yLabel: 'loss',
      series: series(run => {
        const name = critic(run);
        return name === undefined ? [] : learnerCurve(run, name);
      }),
    },
    { ...base, title: 'Temperature', yLabel: 'temperature (alpha)', series: series(temperatureCurve) },
  ];
}

/** Student's interval knows nothing of the ends of a share. */
function clipped(series: Series): Series {
  if (series.band === undefined) return series;
  return { ...series, band: series.band.map(([low, high]) => [Math.max(0, low), Math.min(1, high)]) };
}

/** `criticLoss` as people write it. */
function words(name: string): string {
  return name
    .replace(/[._/]/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}

function learnerNames(run: RunCurves): string[] {
  return [...new Set(trainRecords(run).flatMap(record => Object.keys(record.learner)))];
}

function learnerCurve(run: RunCurves, name: string): Point[] {
  return trainRecords(run).flatMap(record => {
    const value = record.learner[name];
    return value === undefined || value === null ? [] : [[record.envSteps, value] as const];
  });
}

function temperatureCurve(run: RunCurves): Point[] {
  const name = learnerNames(run).find(candidate => /^(temperature|alpha)$/i.test(candidate));
  return name === undefined ? [] : learnerCurve(run, name);
}
