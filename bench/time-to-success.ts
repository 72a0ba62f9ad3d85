import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainOnce } from './train-once.ts';

/** A training whose time to success is measured over seeds, and what it must reach. */
export interface Setting {
  readonly name: string;
  /** Arguments of `graspbridge train`. */
  readonly arguments: readonly string[];
  /** Success rate asked of the final evaluation. */
  readonly goal: number;
}

/** The settings whose results the README states. */
export const SETTINGS: readonly Setting[] = [
  { name: 'grasp', arguments: ['--env', 'SawyerGrasp-v1'], goal: 0.99 },
  { name: 'grasp-17-numbers', arguments: ['--env', 'SawyerGrasp-v1', '--observation', 'joint'], goal: 0.97 },
  {
    name: 'grasp-fixed',
    arguments: ['--env', 'SawyerGrasp-v1', '--target', 'fixed', '--reward', 'augmented'],
    goal: 0.97,
  },
  {
    name: 'grasp-fixed-end-position',
    arguments: [
      ...['--env', 'SawyerGrasp-v1', '--target', 'fixed', '--reward', 'augmented'],
      ...['--control-mode', 'end_position'],
    ],
    goal: 0.97,
  },
  { name: 'lift', arguments: ['--env', 'SawyerLift-v1'], goal: 0.98 },
  { name: 'reach', arguments: ['--env', 'SawyerReach-v1'], goal: 0.98 },
];

interface Row {
  readonly seed: number;
  readonly successRate: number;
  readonly episodes: number;
  readonly envSteps: number;
  readonly updates: number;
  readonly trainSeconds: number;
  readonly wallSeconds: number;
}

export interface TimeToSuccess {
  readonly setting: string;
  readonly goal: number;
  readonly seeds: number;
  /** Seeds whose final evaluation reached the goal. */
  readonly reached: number;
  readonly medianTrainSeconds: number;
  readonly medianEnvSteps: number;
  readonly rows: readonly Row[];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Trains one setting with each seed, one after the other, and says how long success took. */
export async function run(
  setting: Setting,
  seeds: readonly number[],
  more: readonly string[] = [],
  report: (row: Row) => void = () => {},
): Promise<TimeToSuccess> {
  const runs = mkdtempSync(join(tmpdir(), 'graspbridge-bench-'));
  const rows: Row[] = [];
  try {
    for (const seed of seeds) {
      const words = [...setting.arguments, ...more, '--seed', String(seed), '--runs-dir', runs];
      const { envSteps, updates, trainSeconds, wallSeconds, evaluation } = await trainOnce(words);
      const { successRate, episodes } = evaluation;
      const row = { seed, successRate, episodes, envSteps, updates, trainSeconds, wallSeconds };
      rows.push(row);
      report(row);
    }
  } finally {
    rmSync(runs, { recursive: true, force: true });
  }
  return {
    setting: setting.name,
    goal: setting.goal,
    seeds: rows.length,
    reached: rows.filter(row => row.successRate >= setting.goal).length,
    medianTrainSeconds: median(rows.map(row => row.trainSeconds)),
    medianEnvSteps: median(rows.map(row => row.envSteps)),
    rows,
  };
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    options: {
      seeds: { type: 'string', default: '10' },
      'first-seed': { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      more: { type: 'string', default: '' },
    },
    allowPositionals: true,
  });
  const first = Number(values['first-seed']);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);
  const chosen = SETTINGS.filter(setting => positionals.length === 0 || positionals.includes(setting.name));
  const log = (line: string) => process.stderr.write(`${line}\n`);
  log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
  const results: TimeToSuccess[] = [];
  for (const setting of chosen) {
    log(`\n${setting.name}: graspbridge train ${setting.arguments.join(' ')} ${values.more}`);
    log('seed  success  env steps  updates  training s  wall s');
    const more = values.more.split(' ').filter(word => word !== '');
    const result = await run(setting, seeds, more, row =>
      log(
        `${String(row.seed).padStart(4)}  ${row.successRate.toFixed(3).padStart(7)}  ${String(row.envSteps).padStart(9)}  ` +
          `${String(row.updates).padStart(7)}  ${row.trainSeconds.toFixed(1).padStart(10)}  ${row.wallSeconds.toFixed(1).padStart(6)}`,
      ),
    );
    log(
      `${result.reached} of ${result.seeds} seeds reached ${result.goal}; median ${result.medianTrainSeconds.toFixed(1)} s of training, ` +
        `${result.medianEnvSteps} env steps`,
    );
    results.push(result);
  }
  console.log(JSON.stringify(results, null, values.json ? 0 : 2));
}
