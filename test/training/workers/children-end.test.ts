import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exited, marked, startMarked } from '../../chaos/processes.ts';
import { SMALL, temporaryFolder } from '../run-files.ts';
import { until } from './bare-worker.ts';

const LONG = { ...SMALL, steps: 10_000_000, evalEvery: 200, checkpointEvery: 10_000_000, workers: 4 };
const WORKER = /worker-main/;
const CHILD = /worker-main|evaluation-main/;

/** A learner with workers in processes that can be found by a mark. */
function startLearner(options: object) {
  const mark = randomBytes(12).toString('hex');
  const learner = startMarked(mark, join(import.meta.dirname, 'learner-process.ts'), [
    temporaryFolder(),
    JSON.stringify({ ...LONG, ...options }),
  ]);
  onTestFinished(() => {
    for (const { pid } of marked(mark)) process.kill(pid, 'SIGKILL');
  });
  const children = (which = CHILD) => marked(mark).filter(({ command }) => which.test(command));
  const left = () => marked(mark).map(({ command }) => command);
  return { ...learner, children, left };
}

const inLinux = test.skipIf(process.platform !== 'linux');

inLinux.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
] as const)('%s ends a training and all its children', async (signal, code) => {
  const learner = startLearner({});
  await until(() => learner.children(WORKER).length === 4, 'four workers');
  learner.child.kill(signal);
  expect(await exited(learner.child)).toBe(code);
  await until(() => learner.left().length === 0, 'no process left');
  expect(learner.said.join('')).not.toContain('takes its place');
});

inLinux('SIGTERM ends children that hang in a call of their simulator', async () => {
  const file = join(temporaryFolder(), 'stuck');
  const learner = startLearner({ env: 'Stuck-v0', envOptions: { file, when: 'stepped' }, workers: 2 });
  await until(() => lines(file) === 2, 'both workers stuck');
  learner.child.kill('SIGTERM');
  await exited(learner.child);
  await until(() => learner.left().length === 0, 'no process left');
});

inLinux('children end when their learner is killed while they start', async () => {
  const learner = startLearner({});
  await until(() => learner.children().length > 0, 'the first child');
  learner.child.kill('SIGKILL');
  await until(() => learner.left().length === 0, 'no process left');
});

inLinux('children end when their learner is killed while they work and evaluate', async () => {
  const learner = startLearner({});
  await until(() => learner.children().length === 5, 'all children');
  // Some of each, whatever the machine does.
  await new Promise(done => setTimeout(done, 3_000));
  learner.child.kill('SIGKILL');
  await until(() => learner.left().length === 0, 'no process left');
});

inLinux.each(['made', 'stepped'])(
  'children that hang in a simulator that is %s end when their learner is killed',
  async when => {
    const file = join(temporaryFolder(), 'stuck');
    const learner = startLearner({ env: 'Stuck-v0', envOptions: { file, when }, workers: 2 });
    await until(() => lines(file) === 2, 'both workers stuck');
    learner.child.kill('SIGKILL');
    await until(() => learner.left().length === 0, 'no process left');
  },
);

inLinux('workers start in groups: while the first hang, the others wait for their turn', async () => {
  const file = join(temporaryFolder(), 'stuck');
  const learner = startLearner({ env: 'Stuck-v0', envOptions: { file, when: 'made' }, workers: 200 });
  const atOnce = Math.max(2, availableParallelism());
  await until(() => lines(file) === atOnce, 'the first group stuck');
  expect(learner.children(WORKER)).toHaveLength(atOnce);
  learner.child.kill('SIGTERM');
  await exited(learner.child);
  await until(() => learner.left().length === 0, 'no process left');
});

function lines(file: string): number {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}
