/**
 * What each algorithm learns within a number of environment steps, seed by seed, and how long it takes; PPO beside an
 * implementation in PyTorch (bench/rivals/torch_ppo.py) with the same settings, where Python has PyTorch.
 *
 *     npx tsx bench/learning.ts [NAME …] [--seeds N] [--no-torch] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveConfig } from '../src/training/index.ts';
import { findTorch, type TorchInstallation } from './rivals/torch.ts';
import { trainTorchPpo } from './rivals/torch-ppo.ts';
import { trainOnce } from './train-once.ts';

export interface LearningSetting {
  readonly name: string;
  readonly env: string;
  readonly algorithm: 'ppo' | 'sac';
  readonly steps: number;
  /** What the final evaluation should reach, or stay below where it is what a policy without memory cannot do. */
  readonly goal: { readonly measure: 'return' | 'success'; readonly least?: number; readonly below?: number };
  readonly agentOptions?: Readonly<Record<string, unknown>>;
  readonly episodes: number;
  /** Whether the rival has the environment and the kind of network. */
  readonly rival: boolean;
}

export const SETTINGS: readonly LearningSetting[] = [
  {
    ...{ name: 'ppo-cartpole', env: 'CartPole-v1', algorithm: 'ppo', steps: 100_000, episodes: 100, rival: true },
    goal: { measure: 'return', least: 475 },
  },
  {
    ...{ name: 'ppo-masked-gru', env: 'CartPoleMasked-v1', algorithm: 'ppo', steps: 100_000, episodes: 100 },
    ...{ goal: { measure: 'return', least: 400 }, rival: false },
  },
  {
    ...{ name: 'ppo-masked-no-memory', env: 'CartPoleMasked-v1', algorithm: 'ppo', steps: 100_000, episodes: 100 },
    ...{ goal: { measure: 'return', below: 200 }, agentOptions: { recurrent: 'none' }, rival: true },
  },
  {
    ...{ name: 'ppo-pendulum', env: 'Pendulum-v1', algorithm: 'ppo', steps: 100_000, episodes: 100, rival: true },
    goal: { measure: 'return', least: -200 },
  },
  {
    ...{ name: 'ppo-reach', env: 'SawyerReach-v1', algorithm: 'ppo', steps: 150_000, episodes: 200, rival: false },
    goal: { measure: 'success', least: 0.98 },
  },
  {
    ...{ name: 'sac-pendulum', env: 'Pendulum-v1', algorithm: 'sac', steps: 10_000, episodes: 100, rival: false },
    goal: { measure: 'return', least: -200 },
  },
];

export interface LearningRow {
  readonly seed: number;
  readonly meanReturn: number;
  readonly successRate: number;
  readonly envSteps: number;
  readonly trainSeconds: number;
  readonly wallSeconds: number;
  readonly torch: { readonly meanReturn: number; readonly seconds: number; readonly version: string } | null;
}

/** What `train` is told for a setting. */
function wordsOf(setting: LearningSetting, seed: number, runs: string): string[] {
  const options = Object.entries(setting.agentOptions ?? {}).flatMap(([key, value]) => [
    '--agent-option',
    `${key}=${JSON.stringify(value)}`,
  ]);
  return [
    ...['--env', setting.env, '--algo', setting.algorithm, ...options, '--steps', String(setting.steps)],
    ...['--seed', String(seed), '--runs-dir', runs, '--final-episodes', String(setting.episodes)],
  ];
}

/** Trains one setting with each seed, one after the other, and the rival after each. */
export async function run(
  setting: LearningSetting,
  seeds: readonly number[],
  torch: TorchInstallation | null,
  report: (row: LearningRow) => void = () => {},
): Promise<LearningRow[]> {
  const runs = mkdtempSync(join(tmpdir(), 'graspbridge-bench-'));
  const { env, steps, algorithm, agentOptions = {} } = setting;
  const { agentOptions: options } = resolveConfig({ env, algorithm, steps, agentOptions });
  const rows: LearningRow[] = [];
  try {
    for (const seed of seeds) {
      const { envSteps, trainSeconds, wallSeconds, evaluation } = await trainOnce(wordsOf(setting, seed, runs));
      const { meanReturn, successRate } = evaluation;
      const row = { seed, meanReturn, successRate, envSteps, trainSeconds, wallSeconds };
      const rival = torch !== null && setting.rival ? await trainTorchPpo(torch, { env, steps, seed, options }) : null;
      rows.push({ ...row, torch: rival });
      report(rows.at(-1) as LearningRow);
    }
  } finally {
    rmSync(runs, { recursive: true, force: true });
  }
  return rows;
}

/** Whether a row is what the setting is to show. */
export function reaches({ goal }: LearningSetting, { meanReturn, successRate }: LearningRow): boolean {
  const value = goal.measure === 'return' ? meanReturn : successRate;
  return value >= (goal.least ?? -Infinity) && value < (goal.below ?? Infinity);
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    options: {
      seeds: { type: 'string', default: '5' },
      'first-seed': { type: 'string', default: '1' },
      'no-torch': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const first = Number(values['first-seed']);
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => first + i);
  const chosen = SETTINGS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const torch = values['no-torch'] ? null : findTorch(['python3', '/usr/bin/python3']);
  const log = (line: string) => process.stderr.write(`${line}\n`);
  log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
  if (torch === null && !values['no-torch']) log('PyTorch is missing: no rival.');
  const results = [];
  for (const setting of chosen) {
    log(`\n${setting.name}: ${setting.algorithm} in ${setting.env}, ${setting.steps} environment steps`);
    log('seed   return  success  env steps  training s  wall s   PyTorch: return  training s');
    const rows = await run(setting, seeds, torch, row => {
      const rival =
        row.torch === null ? '–' : `${row.torch.meanReturn.toFixed(1)}  ${row.torch.seconds.toFixed(1).padStart(10)}`;
      log(
        `${String(row.seed).padStart(4)}  ${row.meanReturn.toFixed(1).padStart(7)}  ${row.successRate.toFixed(3).padStart(7)}  ` +
          `${String(row.envSteps).padStart(9)}  ${row.trainSeconds.toFixed(1).padStart(10)}  ${row.wallSeconds.toFixed(1).padStart(6)}   ${rival.padStart(15)}`,
      );
    });
    const reached = rows.filter(row => reaches(setting, row)).length;
    const { measure, least, below } = setting.goal;
    log(
      `${reached} of ${rows.length} seeds: ${measure} ${least === undefined ? `below ${below}` : `${least} or more`}`,
    );
    results.push({ setting: setting.name, goal: setting.goal, seeds: rows.length, reached, rows });
  }
  console.log(JSON.stringify(results, null, values.json ? 0 : 2));
}
