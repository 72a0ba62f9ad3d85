import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/coming-from.md'), 'utf8');

// Inside the checkout, so that the package's name is found as in a project of its user; git ignores the folder.
mkdirSync(join(root, 'runs'), { recursive: true });
const folder = mkdtempSync(join(root, 'runs/.coming-from-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The page's blocks of TypeScript under their headings. */
const blocks = [...page.matchAll(/^## (.+?)$[\s\S]*?^```ts.*?$\n([\s\S]*?)^```$/gm)].map(([, heading, code]) => ({
  heading: heading as string,
  code: code as string,
}));

async function run(file: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file, ...args], { cwd: root });
  return stdout;
}

function write(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    code.replace('train({ options', `train({ runsDirectory: ${JSON.stringify(join(folder, 'runs'))}, options`),
  );
  return path;
}

const code = (heading: string): string => {
  const block = blocks.find(candidate => candidate.heading.startsWith(heading));
  expect(block, heading).toBeDefined();
  return block?.code ?? '';
};

test('the page has the blocks that are run here, and no others', () => {
  expect(blocks.length).toBe(5);
  expect(page.match(/^```ts/gm)?.length).toBe(5);
});

test('RolloutStorage, with random data', async () => {
  const lines = (await run(write('random.mts', code('RolloutStorage, with random')))).trim().split('\n');
  expect(lines.length).toBe(8);
  expect(lines[0]).toMatch(/^64 192 -?[\d.]+ -?[\d.]+$/);
});

test('RolloutStorage, with a policy gradient on CartPole', async () => {
  const lines = (await run(write('gradient.mts', code('RolloutStorage, with a policy')))).trim().split('\n');
  const lengths = lines.map(line => Number(line.split(' ')[1]));
  expect(lengths.length).toBe(6);
  // Random actions keep the pole up for about twenty steps.
  expect(Math.max(...lengths)).toBeGreaterThan(100);
});

test('PPO from scratch', async () => {
  expect(Number(await run(write('ppo.mts', code('PPO from scratch'))))).toBeGreaterThan(150);
});

test('an RLlib policy with recurrent state and extra outputs', async () => {
  expect(Number(await run(write('rllib.mts', code('An RLlib policy'))))).toBeGreaterThan(10);
});

test('a custom algorithm, from its loss, by the command that the page names', async () => {
  const module = write('my-policy.ts', code('A custom algorithm'));
  const options = ['--env', 'CartPole-v1', '--steps', '2000', '--final-episodes', '3', '--json'];
  const output = await run(
    join(root, 'src/cli/main.ts'),
    ...['train', '--policy', module, '--runs-dir', join(folder, 'runs'), '--name', 'mine', ...options],
  );
  const summary = JSON.parse(output.trim().split('\n').at(-1) ?? '') as { envSteps: number; algorithm: string };
  expect(summary.envSteps).toBeGreaterThanOrEqual(2000);
  expect(summary.algorithm).toBe(module);
});
