import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { run, type Setting, type TimeToSuccess } from './time-to-success.ts';

/** The task, rewarded by success alone, at random poses, for so many environment steps at most. */
const TASK = ['--env', 'SawyerLift-v1', '--reward', 'sparse'];
const STEPS = 15_000;
/** Success rate asked of 200 episodes after training. */
const GOAL = 0.97;
/** What is reached without demonstrations stays below this. */
const HOPELESS = 0.2;

interface DemosBenchmark {
  readonly episodes: number;
  readonly noise: number;
  readonly withDemonstrations: TimeToSuccess;
  readonly withoutDemonstrations: TimeToSuccess | null;
}

/** Runs one command of graspbridge to its end. */
function graspbridge(words: readonly string[]): Promise<void> {
  const cli = resolve(import.meta.dirname, '../src/cli/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', cli, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', code =>
      code === 0 ? done() : fail(new Error(`graspbridge ${words[0]} ended with code ${code}`)),
    );
  });
}

const log = (line: string) => process.stderr.write(`${line}\n`);

async function measure(setting: Setting, seeds: readonly number[], more: readonly string[]): Promise<TimeToSuccess> {
  log(`\n${setting.name}: graspbridge train ${[...setting.arguments, ...more].join(' ')}`);
  log('seed  success  env steps  updates  training s  wall s');
  const result = await run(setting, seeds, more, row =>
    log(
      `${String(row.seed).padStart(4)}  ${row.successRate.toFixed(3).padStart(7)}  ${String(row.envSteps).padStart(9)}  ` +
        `${String(row.updates).padStart(7)}  ${row.trainSeconds.toFixed(1).padStart(10)}  ${row.wallSeconds.toFixed(1).padStart(6)}`,
    ),
  );
  const { rows } = result;
  const hopeless = rows.filter(row => row.successRate < HOPELESS).length;
  log(
    `${result.reached} of ${rows.length} seeds reached ${GOAL}, ${hopeless} stayed below ${HOPELESS}; ` +
      `median ${result.medianTrainSeconds.toFixed(1)} s of training, ${result.medianEnvSteps} env steps`,
  );
  return result;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    'first-seed': { type: 'string', default: '1' },
    // Without demonstrations all seeds do the same: three show it.
    'without-seeds': { type: 'string', default: '3' },
    episodes: { type: 'string', default: '20' },
    noise: { type: 'string', default: '0.3' },
    json: { type: 'boolean', default: false },
    more: { type: 'string', default: '' },
  },
});
const first = Number(values['first-seed']);
const seedsFrom = (count: number) => Array.from({ length: count }, (_, i) => first + i);
const more = values.more.split(' ').filter(word => word !== '');
const folder = mkdtempSync(join(tmpdir(), 'graspbridge-bench-demos-'));
try {
  log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
  const file = join(folder, 'lift.json');
  const recorded = ['--episodes', values.episodes, '--noise', values.noise, '--out', file];
  log(`graspbridge record --policy expert ${[...TASK, ...recorded].join(' ')}`);
  await graspbridge(['record', '--policy', 'expert', ...TASK, ...recorded]);
  const limited = [...TASK, '--steps', String(STEPS)];
  const withDemonstrations = await measure(
    { name: 'with demonstrations', arguments: [...limited, '--demos', file], goal: GOAL },
    seedsFrom(Number(values.seeds)),
    more,
  );
  const withoutSeeds = seedsFrom(Number(values['without-seeds']));
  const withoutDemonstrations =
    withoutSeeds.length === 0
      ? null
      : await measure({ name: 'without demonstrations', arguments: limited, goal: GOAL }, withoutSeeds, more);
  const result: DemosBenchmark = {
    episodes: Number(values.episodes),
    noise: Number(values.noise),
    withDemonstrations,
    withoutDemonstrations,
  };
  console.log(JSON.stringify(result, null, values.json ? 0 : 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
