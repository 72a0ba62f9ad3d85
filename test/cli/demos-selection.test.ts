import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { here, lastJson, runsFolder } from './run-cli.ts';

const fixture = (name: string) => resolve(import.meta.dirname, '../fixtures/demos/hdf5', name);
const PENDULUM = fixture('made-pendulum.hdf5');

test('demos inspect lists layout, observation keys with shapes, and splits', async () => {
  const { code, stdout } = await here('demos', 'inspect', fixture('mask.hdf5'));
  expect(code).toBe(0);
  expect(stdout).toMatch(/layout +robomimic\n +observation +object \(3\) float64\n/);
  expect(stdout).toMatch(/split +train: 2 recordings\n +split +valid: 1 recordings\n/);
});

test('demos inspect looks into a file whose observations must be chosen, and says so', async () => {
  const { code, stdout, stderr } = await here('demos', 'inspect', PENDULUM, '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('camera (2, 2, 3) uint8, not read');
  expect(stderr).toContain('Choose observations, such as --obs-keys cos,sin,velocity');
  expect(lastJson(stdout)).toMatchObject({ layout: { name: 'robomimic', splits: [{ name: 'train', episodes: 1 }] } });
});

test('demos convert and validate take a split and observation keys', async () => {
  const out = join(runsFolder(), 'a.json');
  const selection = ['--split', 'train', '--obs-keys', 'velocity,cos'];
  const converted = await here('demos', 'convert', PENDULUM, ...selection, '--out', out, '--json');
  expect(converted.stderr).toContain('taken from the following transition');
  expect(lastJson(converted.stdout)).toMatchObject({ episodes: 1, transitions: 3 });
  const inspected = await here('demos', 'inspect', out, '--json');
  expect(lastJson(inspected.stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ observationSize: 2 });
  expect((await here('demos', 'validate', '--obs-keys', 'sin', PENDULUM)).code).toBe(0);
});

test('a word behind -- is a file, whatever it begins with', async () => {
  const end = await here('demos', 'inspect', '--', '--missing.json');
  expect([end.code, end.stderr]).toEqual([
    1,
    expect.stringContaining('--missing.json failed: it cannot be opened: there is no such file'),
  ]);
  expect((await here('version', '--', 'word')).code).toBe(2);
});

test.each([
  [['demos', 'convert', PENDULUM, '--out', 'never.json'], 1, 'Choose observations, such as --obs-keys'],
  [['demos', 'inspect', PENDULUM, '--split', 'tain'], 2, 'Did you mean "train"?'],
  [['demos', 'validate', PENDULUM, '--obs-keys', 'cos,'], 2, '--obs-keys needs names such as a,b'],
  [
    ['train', '--env', 'Pendulum-v1', '--split', 'train'],
    2,
    '--split says how demonstrations are used, but there are none',
  ],
])('%j ends with exit code %i', async (args, code, message) => {
  const end = await here(...args);
  expect([end.code, end.stderr]).toEqual([code, expect.stringContaining(message)]);
});

test('train --demos learns from one split and the chosen observations', async () => {
  const small = ['actorHidden=[16,16]', 'criticHidden=[16,16]', 'batchSize=16'];
  const args = (...selection: string[]) => [
    ...['train', '--env', 'Pendulum-v1', '--demos', PENDULUM, ...selection, '--runs-dir', runsFolder(), '--json'],
    ...['--steps', '60', '--until-success', '0', '--random-steps', '20', '--final-episodes', '1'],
    ...small.flatMap(option => ['--agent-option', option]),
  ];
  const trained = await here(...args('--split', 'train', '--obs-keys', 'cos,sin,velocity'));
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('1 episodes, 3 transitions');
  expect(trained.stderr).toContain('it has no next observations: they are taken from the following transition');
  const refused = await here(...args('--obs-keys', 'cos,sin'));
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('an observation has 2 numbers')]);
});
