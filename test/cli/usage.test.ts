import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { listenForInterrupt } from '../../src/cli/interrupt.ts';
import { cli, here, runsFolder, startCli } from './run-cli.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test.each([
  [['trian'], 'There is no command "trian". Did you mean "train"?'],
  [['train', '--env', 'SawyerGrap-v1'], 'There is no environment "SawyerGrap-v1". Did you mean "SawyerGrasp-v1"?'],
  [['train', '--agent-option', 'gama=0.9'], 'Did you mean "gamma"?'],
])('the command %j fails with exit code 2, and no stack trace', async (args, message) => {
  const { code, stdout, stderr } = await cli(...args);
  expect(stderr).toContain(message);
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
});

test.each([
  ['a command', ['trian'], 'There is no command "trian". Did you mean "train"?'],
  ['an environment', ['train', '--env', 'SawyerGrap-v1'], 'Did you mean "SawyerGrasp-v1"?'],
  ['an algorithm', ['train', '--algo', 'sak'], 'There is no algorithm "sak". Did you mean "sac"?'],
  ['an option', ['train', '--stpes', '5'], 'There is no option --stpes (on the command line). Did you mean --steps?'],
  ['a preset', ['train', '--preset', 'orginal'], 'Did you mean "original"?'],
  ['a backend', ['train', '--backend', 'onx'], 'Did you mean "onnx"?'],
  ['a simulator', ['train', '--simulator', 'mujocco'], 'Did you mean "mujoco"?'],
  ["an environment's option", ['train', '--env-option', 'rewrd=dense'], 'Did you mean "reward"?'],
  ["an environment's value", ['train', '--reward', 'spars'], 'Did you mean "sparse"?'],
  ["an agent's option", ['train', '--agent-option', 'gama=0.9'], 'Did you mean "gamma"?'],
  ['a pair without =', ['train', '--agent-option', 'gamma'], '--agent-option needs key=value, but got "gamma".'],
  ['a number', ['train', '--steps', 'many'], '--steps needs a number, but got "many".'],
  ['a number out of range', ['train', '--until-success', '2'], 'Option "untilSuccess" of train cannot be 2.'],
  ['a port', ['view', '--port', '99999'], '--port needs a whole number from 0 to 65535, but got 99999.'],
  ['half a port', ['test', '--gui', '--port', '3.5'], '--port needs a whole number from 0 to 65535, but got 3.5.'],
  ['a speed', ['test', '--gui', '--speed', '0'], '--speed needs a number from 0.01 to 1000, but got 0.'],
  ['a count', ['test', '--gui', '--episodes=-3'], '--episodes needs a whole number of at least 1, but got -3.'],
  ['a seed', ['test', '--seed', '1.5'], '--seed needs a whole number of at least 0, but got 1.5.'],
  ['a page that is not there', ['record', '--gui', '--out', 'a.json'], "--gui shows CoppeliaSim's window here"],
  ["a page's option without it", ['test', '--speed', '2'], "--speed is the page's, which --gui shows"],
  ['driving by hand', ['teleoperate', '--env', 'Pendulum-v1'], 'Only a Sawyer environment can be driven by hand.'],
  ['a missing value', ['train', '--seed'], 'Not enough arguments following: seed'],
  ['an option twice', ['train', '--seed', '1', '--seed', '2'], '--seed was given 2 times. Give it once.'],
  ['a value for a switch', ['train', '--json=5'], '--json takes no value, but got "5".'],
  ['a stray word', ['train', 'steps'], 'train takes no words of its own, but got "steps". Did you mean "--steps"?'],
  ['a way to use demonstrations', ['train', '--demos', 'a.json', '--demo-mode', 'mx'], 'Did you mean "mix"?'],
  [
    'weights',
    ['train', '--demos', 'a.json', '--demo-weights', '3,x'],
    '--demo-weights needs numbers such as 3,1, but got "x".',
  ],
  ['a second file', ['train', '--demos', 'a.json', 'b.txt'], 'b.txt cannot be told from its name'],
  ['files for nothing', ['train', '--pretrain', '5'], 'but there are none. Name some with --demos.'],
  ['too many threads', ['train', '--threads', '1000000'], 'Option "threads" of train cannot be 1000000.'],
  [
    'a replay buffer larger than memory',
    ['train', '--env', 'SawyerReach-v1', '--buffer-capacity', '1e12'],
    'A replay buffer of 1,000,000,000,000 transitions needs',
  ],
  ['too large a batch', ['export', '--batch', '1e12'], '--batch needs a whole number from 1 to 65536'],
  ['words after --', ['train', '--', 'foo'], 'train takes no words of its own, but got "foo".'],
  ['an empty word', ['view', ''], 'view got an empty word.'],
  ['a file as a folder of runs', ['view', process.execPath, '--no-open'], 'Opening the run'],
  ["another environment's option", ['train', '--env', 'CartPole-v1', '--reward', 'dense'], 'There are none.'],
  ['--force without workers', ['train', '--force'], '--force is for more rollout workers than fit'],
  [
    'confirmation without a goal',
    ['train', '--until-success', '0', '--confirm-episodes', '50'],
    '--confirm-episodes 50 is never used',
  ],
  [
    'a folder of runs for the expert',
    ['record', '--policy', 'expert', '--runs-dir', 'x', '--out', 'a.json'],
    '--runs-dir is where a run is found by name, and --policy expert is none.',
  ],
  [
    'a folder of runs without a policy',
    ['teleoperate', '--runs-dir', 'x'],
    '--runs-dir is where a run is found by name, and no --policy names one.',
  ],
  ['a choice', ['test', '--checkpoint', 'bst'], '--checkpoint cannot be "bst". Did you mean "best"?'],
  ['a benchmark', ['bench', 'updat'], 'There is no benchmark "updat". Did you mean "update"?'],
  ['a run', ['test', '--runs-dir', '/nowhere', '--run', 'x'], 'There is no run in /nowhere yet: start one with train.'],
  ["a run's name", ['train', '--name', '../x'], 'A run cannot be named "../x".'],
])('%s that cannot be is said so, with exit code 2 and no stack trace', async (_, args, message) => {
  const { code, stdout, stderr } = await here(...args);
  expect(stderr).toContain(message);
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(2);
});

test.each([['train'], ['test'], ['record'], ['plot'], ['export'], ['bench']])(
  '%s --help shows options and examples',
  async name => {
    const { code, stdout } = await here(name, '--help');
    expect(code).toBe(0);
    expect(stdout).toContain(`graspbridge ${name}`);
    expect(stdout).toContain('Examples:');
  },
);

test('options come from a file too, where they are checked as on the command line', async () => {
  const folder = runsFolder();
  const file = join(folder, 'options.json');
  writeFileSync(file, JSON.stringify({ env: 'SawyerReach-v1', 'env-option': { toleranse: 0.05 } }));
  expect((await here('train', '--config', file)).stderr).toContain('"toleranse" is not an option of SawyerReach-v1');
  writeFileSync(file, JSON.stringify({ env: 'SawyerReach-v1', untilSucess: 1 }));
  const misspelled = await here('train', '--config', file);
  expect(misspelled.stderr).toContain(`There is no option --until-sucess (in ${file}). Did you mean --until-success?`);
  expect(misspelled.code).toBe(2);
  writeFileSync(file, '{"env": ');
  expect((await here('train', '--config', file)).stderr).toContain(`Reading --config ${file} failed`);
});

test('a reader that closes early, such as head, is no failure', async () => {
  const running = startCli(['train', '--help']);
  running.child.stdout?.destroy();
  const { code, stderr } = await running.finished;
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test('a second Ctrl-C leaves at once', () => {
  const left: unknown[] = [];
  vi.spyOn(process, 'exit').mockImplementation((code => left.push(code)) as typeof process.exit);
  const announced: string[] = [];
  const interrupt = listenForInterrupt(() => announced.push('stopping'));
  process.emit('SIGINT', 'SIGINT');
  expect(interrupt.signal.aborted).toBe(true);
  expect(announced).toEqual(['stopping']);
  expect(left).toEqual([]);
  expect(interrupt.code()).toBe(130);
  // The same one once more, from whatever passed it on.
  process.emit('SIGINT', 'SIGINT');
  expect(left).toEqual([]);
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_500);
  process.emit('SIGINT', 'SIGINT');
  expect(left).toEqual([130]);
  interrupt.release();
});
