import { describe, expect, it } from 'vitest';
import { type Command, type OptionSpecs, withDefaults } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/program.ts';
import { listEnvs } from '../../src/envs/index.ts';
import { registerPolicy, resolveConfig, type TrainOptions } from '../../src/training/index.ts';
import { here } from './run-cli.ts';

const commands: readonly Command[] = COMMANDS.flatMap(command => command.subcommands ?? [command]);

/** The default that the help shows for each option. */
async function shownDefaults(...args: string[]): Promise<Record<string, string>> {
  const { stdout } = await here(...args, '--help');
  const [, options = ''] = /Options:\n([\s\S]*?)\n\n/.exec(`${stdout}\n\n`) ?? [];
  return Object.fromEntries(
    options.split(/\n(?= {2}--)/).flatMap(text => {
      const [, name] = /--([a-z-]+)/.exec(text) ?? [];
      const [, value] = /\[default: ([^\]]*)\]/.exec(text.replace(/\s+/g, ' ')) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value.trim()]];
    }),
  );
}

describe.each(commands.filter(({ passesOn }) => passesOn !== true))('the help of $name', command => {
  const { name, options } = command;

  it('shows the defaults that are filled in, and no other fixed value', async () => {
    const shown = await shownDefaults(...name.split(' '));
    const filledIn: Record<string, unknown> = withDefaults(options as OptionSpecs, {});
    for (const [option, value] of Object.entries(filledIn)) expect(shown[option], option).toBe(String(value));
    if (command.help !== undefined) return;
    // Written by hand, a value would not be the one that is used for ever.
    for (const [option, { defaultText = '' }] of Object.entries(options))
      expect(defaultText, option).not.toMatch(/^[\d_.,]+$/);
  });

  it('shows examples', async () => {
    expect((await here(...name.split(' '), '--help')).stdout).toContain('Examples:');
  });
});

const KEYS: Readonly<Record<string, keyof TrainOptions>> = {
  env: 'env',
  algo: 'algorithm',
  seed: 'seed',
  threads: 'threads',
  backend: 'backend',
  'demo-cache': 'demoCache',
  steps: 'steps',
  'until-success': 'untilSuccess',
  utd: 'updatesPerStep',
  'random-steps': 'randomSteps',
  'buffer-capacity': 'bufferCapacity',
  'eval-every': 'evalEvery',
  'eval-episodes': 'evalEpisodes',
  'confirm-episodes': 'confirmEpisodes',
  'final-episodes': 'finalEpisodes',
  'checkpoint-every': 'checkpointEvery',
};

describe('the help of train', () => {
  it.each([
    [[], {}],
    [['--env', 'SawyerReach-v1'], { env: 'SawyerReach-v1' }],
    [['--observation', 'joint'], { envOptions: { observation: 'joint' } }],
    [['--preset', 'original'], { preset: 'original' }],
    [['--env', 'Pendulum-v1', '--algo', 'ppo'], { env: 'Pendulum-v1', algorithm: 'ppo' }],
  ] as [string[], TrainOptions][])('with %j shows what such a training uses', async (args, options) => {
    const shown = await shownDefaults('train', ...args);
    const config = resolveConfig(options);
    const standard = resolveConfig({});
    for (const [option, key] of Object.entries(KEYS)) {
      const unused = options.algorithm === 'ppo' && ['utd', 'random-steps', 'buffer-capacity'].includes(option);
      // What was given with --help is no default.
      const value = key === 'env' || key === 'algorithm' ? standard[key] : config[key];
      if (unused) expect(shown[option], option).toBe('not used by ppo');
      else expect(shown[option]?.split(' ')[0], option).toBe(String(value));
    }
  });

  it('lists the environments and algorithms that are registered', async () => {
    registerPolicy('mine', { kind: 'off-policy', name: 'mine', create: () => Promise.reject(new Error()) });
    const text = (await here('train', '--help')).stdout.replace(/\s+/g, ' ');
    expect(text).toContain('algorithm: sac, ppo, mine');
    expect(text).toContain(
      `environment: ${listEnvs()
        .map(({ id }) => id)
        .join(', ')}`,
    );
  });

  it.each([
    ['--stpes', '4'],
    ['--env', 'Nowhere-v1'],
    ['--algo', 'sak'],
  ])('is that of the default training beside the wrong %s %s', async (...wrong) => {
    const { code, stdout } = await here('train', ...wrong, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain('for SawyerGrasp-v1 with sac]');
  });
});

it.each([
  [['export', '--gui'], 'There is no option --gui'],
  [['demos', 'inspect', 'a.json', '--out', 'b.json'], 'There is no option --out'],
  [['demos', 'convert', 'a.json', '--episodes', '3'], 'There is no option --episodes'],
  [['teleoperate', '--gui'], '--gui shows CoppeliaSim'],
  [['train', '--open'], "--open is the page's"],
  [['train', '--name', 'a', '--run', 'b'], 'both name the run'],
  [['train', '--algo', 'ppo', '--env', 'CartPole-v1', '--utd', '2'], 'does not use updatesPerStep'],
  [['train', '--demo-cache', '1000'], '--demo-cache says how demonstrations are used, but there are none'],
  [['record', '--policy', 'random', '--noise', '0.3', '--out', 'a.json'], 'random actions take none'],
  [['test', '--policy', 'a.checkpoint', '--runs-dir', 'elsewhere'], '--policy is a checkpoint file'],
  [['simulator', 'doctor', '--embedded', '--scene', 'a.ttt'], '--scene: only for a CoppeliaSim that is started'],
  [
    ['simulator', 'build-scene', '--out', 'a.ttt', '--address', '23000', '--start-timeout', '5'],
    '--start-timeout: only',
  ],
])('%j is rejected because the option would be ignored', async (args, message) => {
  const { code, stderr } = await here(...args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
