import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { Output } from '../../src/cli/output.ts';
import { TrainReport } from '../../src/cli/train-report.ts';
import { resolveConfig, type TrainEvent, type TrainOptions } from '../../src/training/index.ts';

type Evaluation = TrainEvent & { kind: 'evaluation' };

/** The lines of a report, and a way to tell it of events. */
function reportOf(options: TrainOptions, objective: 'success' | 'return' = 'success') {
  const lines: string[] = [];
  const output: Output = {
    interactive: false,
    line: (text = '') => lines.push(text),
    warn: text => lines.push(text),
    progress: text => lines.push(text),
    result() {},
  };
  const report = new TrainReport(output, new Set(Object.keys(options)));
  const start = { run: 'a', directory: 'runs/a', engine: 'ONNX', memory: 'replay', replayBytes: 1 } as const;
  const config = resolveConfig(options);
  const more = { demonstrations: '', resumedAt: 0, simulator: objective === 'success' ? 'mujoco 3' : '' };
  report.event({ kind: 'start', ...start, ...more, config, objective });
  const evaluation: Evaluation = {
    ...{ kind: 'evaluation', purpose: 'periodic', envSteps: 1_000, seconds: 2, episodes: 50 },
    ...{ successRate: 0.94, successInterval: [0.9, 0.98], meanReturn: 1.5, meanLength: 20 },
  };
  return { lines, report, evaluate: (more: Partial<Evaluation>) => report.event({ ...evaluation, ...more }) };
}

it('tells a confirmation that failed from one that succeeded', () => {
  const { lines, evaluate } = reportOf({ untilSuccess: 0.99, confirmEpisodes: 600 });
  evaluate({ purpose: 'confirmation', episodes: 36, successRate: 0.944 });
  expect(lines.at(-1)).toContain('not confirmed: 94.4 % success after 36 of 600 episodes; training continues');
  evaluate({ purpose: 'confirmation', episodes: 600, successRate: 0.995 });
  expect(lines.at(-1)).toMatch(/[^t] confirmed: 99.5 % success \(600 episodes\), mean return 1.50$/);
});

it('tells the success rate and the mean return of a task, and its simulator', () => {
  const { lines, evaluate } = reportOf({});
  expect(lines.join('\n')).toContain('simulator      mujoco 3');
  evaluate({});
  expect(lines.at(-1)).toContain('evaluated: 94 % success (50 episodes), mean return 1.50');
});

it('marks as the default only what none of the given options has changed', () => {
  const given = { threads: 2, envOptions: { reward: 'sparse' } };
  const lines = reportOf(given).lines.join('\n');
  expect(lines).toMatch(/algorithm .* \(default\)$/m);
  expect(lines).toMatch(/seed +1 \(default\)$/m);
  expect(lines).not.toMatch(/(environment|backend) .*\(default\)$/m);
});

it('names the folder of an interrupted run that is not in the usual one', () => {
  const { lines, report } = reportOf({});
  const summary = { run: 'a', env: 'SawyerGrasp-v1', algorithm: 'sac', seed: 1, envSteps: 1, episodes: 1, updates: 0 };
  const times = { trainSeconds: 1, wallSeconds: 1, goalReached: false, interrupted: true, evaluation: null };
  const end = (directory: string) =>
    report.end({ ...summary, ...times, directory, checkpoint: null, curves: null, warnings: [], missing: [] });
  end(resolve('runs/a'));
  expect(lines).toContain('Interrupted: go on with train --resume --name a');
  end(resolve('elsewhere/a'));
  expect(lines).toContain('Interrupted: go on with train --resume --name a --runs-dir elsewhere');
});

it.each([
  ['judged by its return', 'return', {}],
  ['that reports no success', 'success', { successReported: false }],
] as const)('tells the mean return alone of an environment %s', (_, objective, more) => {
  const { lines, evaluate } = reportOf({ env: 'CartPole-v1', algorithm: 'ppo' }, objective);
  evaluate(more);
  expect(lines.at(-1)).toContain('evaluated: mean return 1.50 (50 episodes)');
  if (objective === 'return') expect(lines.join('\n')).not.toContain('simulator');
});
