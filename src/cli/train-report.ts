import { dirname, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Progress, TrainConfig, TrainEvent, TrainSummary, WorkersStatus } from '../training/index.ts';
import { RUNS_OPTION } from './command.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatSuccess,
  isJudgedBySuccess,
  type Output,
} from './output.ts';

/** A progress line tells of so many episodes. */
const RECENT_EPISODES = 50;
/** Between two drawings of the progress line on a terminal, and two lines elsewhere, ms. */
const REDRAW = 100;
const REPEAT = 10_000;

/** Tells people what a training does. */
export class TrainReport {
  private readonly output: Output;
  private readonly given: ReadonlySet<string>;
  private nextProgress = 0;
  private config: TrainConfig | null = null;
  private objective: 'success' | 'return' = 'success';
  private judged = true;

  /** @param given names of the options that were asked for; what else was chosen is marked as the default. */
  constructor(output: Output, given: ReadonlySet<string>) {
    this.output = output;
    this.given = given;
  }

  event(event: TrainEvent): void {
    if (event.kind === 'start') this.start(event);
    else if (event.kind === 'progress') this.progress(event);
    else if (event.kind === 'notice') this.output.line(event.message);
    else if (event.kind === 'warning') this.output.warn(`Warning: ${event.message}`);
    else if (event.kind === 'evaluation') this.evaluation(event);
  }

  private evaluation(event: TrainEvent & { kind: 'evaluation' }): void {
    this.judged = isJudgedBySuccess(this.objective, event);
    if (event.purpose === 'final') return;
    const at = `${formatCount(event.envSteps).padStart(9)} steps, ${event.seconds.toFixed(1).padStart(6)} s`;
    this.output.line(`${at}: ${this.outcome(event)}${event.weights === undefined ? '' : `, weights ${event.weights}`}`);
  }

  private outcome({ purpose, successRate, episodes, meanReturn }: TrainEvent & { kind: 'evaluation' }): string {
    const meaning = `mean return ${meanReturn.toFixed(2)}`;
    if (!this.judged) return `evaluated: ${meaning} (${formatCount(episodes)} episodes)`;
    const success = `${formatPercent(successRate)} success`;
    if (purpose === 'periodic') return `evaluated: ${success} (${formatCount(episodes)} episodes), ${meaning}`;
    const { untilSuccess = 0, confirmEpisodes = episodes } = this.config ?? {};
    // It ends as soon as the goal is out of reach.
    return successRate >= untilSuccess
      ? `confirmed: ${success} (${formatCount(episodes)} episodes), ${meaning}`
      : `not confirmed: ${success} after ${formatCount(episodes)} of ${formatCount(confirmEpisodes)} episodes; training continues`;
  }

  private start(event: TrainEvent & { kind: 'start' }): void {
    const { config, objective } = event;
    this.config = config;
    this.objective = objective;
    this.judged = objective === 'success';
    // A value is the default only if none of the options that it comes from was given.
    const row = (name: string, value: string, ...options: readonly string[]) => {
      const isDefault = options.length > 0 && event.resumedAt === 0 && !options.some(option => this.given.has(option));
      this.output.line(`  ${name.padEnd(15)}${value}${isDefault ? ' (default)' : ''}`);
    };
    this.output.line(event.resumedAt > 0 ? `Going on at ${formatCount(event.resumedAt)} steps` : 'Training');
    row('environment', `${config.env}${describeOptions(config.envOptions)}`, 'env', 'envOptions', 'preset');
    row(
      'algorithm',
      `${config.algorithm}${describeOptions(config.agentOptions)}`,
      'algorithm',
      'agentOptions',
      'preset',
    );
    if (event.simulator !== '') row('simulator', event.simulator, 'simulator', 'simulatorOptions');
    row('backend', `${config.backend}: ${event.engine}`, 'backend', 'device', 'threads');
    row('seed', String(config.seed), 'seed');
    row('ends', describeEnd(config));
    if (event.memory === 'rollout') row('rollouts', `${formatBytes(event.replayBytes)} a batch`);
    else
      row(
        'replay',
        `${formatCount(config.bufferCapacity)} transitions, ${formatBytes(event.replayBytes)}`,
        'bufferCapacity',
      );
    if (event.demonstrations !== '') row('demonstrations', `${event.demonstrations}; ${describeUse(config)}`);
    if (config.workers > 0 || event.listening !== undefined)
      row(
        'workers',
        `${config.workers} here, ${config.envsPerWorker} ${config.envsPerWorker === 1 ? 'environment' : 'environments'} each`,
      );
    if (event.listening !== undefined) row('listening', `${event.listening}, for graspbridge worker --learner`);
    row('run', shorten(event.directory));
  }

  private progress(progress: Progress): void {
    const now = performance.now();
    if (now < this.nextProgress) return;
    // The first plain line would come before there is anything to say.
    const first = this.nextProgress === 0;
    this.nextProgress = now + (this.output.interactive ? REDRAW : REPEAT);
    const text = describeProgress(progress, this.judged);
    if (this.output.interactive) this.output.progress(text);
    else if (!first) this.output.line(text);
  }

  end(summary: TrainSummary): void {
    const { output } = this;
    output.line();
    const { evaluation } = summary;
    if (evaluation !== null) {
      if (isJudgedBySuccess(this.objective, evaluation)) output.line(`Success     ${formatSuccess(evaluation)}`);
      output.line(`Mean return ${evaluation.meanReturn.toFixed(2)} (${formatCount(evaluation.episodes)} episodes)`);
    }
    if (summary.interrupted)
      output.line(`Interrupted: go on with train --resume --name ${summary.run}${elsewhere(summary)}`);
    output.line(
      `Training    ${formatCount(summary.envSteps)} environment steps, ${formatCount(summary.updates)} updates, ` +
        `${summary.trainSeconds.toFixed(1)} s (${summary.wallSeconds.toFixed(1)} s with everything)`,
    );
    output.line(`Checkpoint  ${summary.checkpoint === null ? 'none could be written' : shorten(summary.checkpoint)}`);
    const expelled = summary.workers?.expelled;
    if (expelled !== undefined && expelled.total > 0) {
      output.line(`Expelled    ${formatCount(expelled.total)} ${expelled.total === 1 ? 'worker' : 'workers'}`);
      for (const { index, host, pid, reason } of expelled.last)
        output.line(`            worker ${index} (process ${pid} on ${host}): ${reason}`);
    }
    if (summary.curves !== null) output.line(`Curves      ${shorten(summary.curves)}`);
  }
}

/** The option that finds a run again that is not in the usual folder. */
function elsewhere({ directory }: TrainSummary): string {
  const folder = shorten(dirname(directory));
  return folder === RUNS_OPTION['runs-dir'].default ? '' : ` --runs-dir ${folder}`;
}

/** One line: how far, how fast, how long still, how well. */
export function describeProgress(progress: Progress, judged: boolean): string {
  const { envSteps, steps, stepsPerSecond, episodes, successRate, meanReturn } = progress;
  const left =
    stepsPerSecond > 0
      ? `at most ${formatDuration(Math.max(0, steps - envSteps) / stepsPerSecond)} of training left`
      : 'starting';
  return (
    `${formatCount(envSteps)} of ${formatCount(steps)} steps · ${formatCount(stepsPerSecond)} steps/s · ${left} · ` +
    `last ${formatCount(Math.min(episodes, RECENT_EPISODES))} episodes: ` +
    `${judged ? `${formatPercent(successRate)} success, ` : ''}return ${meanReturn.toFixed(2)}` +
    (progress.workers === undefined ? '' : ` · ${describeWorkers(progress.workers)}`)
  );
}

/** Updates and their ratio to the data, the bottleneck, and each worker in a few words. */
function describeWorkers(status: WorkersStatus): string {
  const { updatesPerSecond, updatesPerStep, bottleneck, workers, refused, expelled } = status;
  const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
  return (
    `${formatCount(updatesPerSecond)} updates/s, ${updatesPerStep.toFixed(2)} a step · bottleneck: ${bottleneck} · ` +
    `workers ${workers.map(({ index, state }) => `${index} ${state}`).join(', ') || 'none yet'}` +
    (refusals > 0 ? ` · ${formatCount(refusals)} messages refused` : '') +
    (expelled.total > 0 ? ` · ${formatCount(expelled.total)} workers expelled` : '')
  );
}

/** How demonstrations are learned from. */
function describeUse({ demoMode, pretrain, demoResets }: TrainConfig): string {
  const use = { mix: 'half of every batch', preload: 'first in the replay', original: 'all in every batch' }[demoMode];
  const cloned = pretrain > 0 ? `, cloned first with ${formatCount(pretrain)} updates` : '';
  return `${use}${cloned}${demoResets > 0 ? `, ${formatPercent(demoResets)} of the episodes start in them` : ''}`;
}

function describeEnd({ untilSuccess, steps }: TrainConfig): string {
  const limit = `after ${formatCount(steps)} environment steps`;
  return untilSuccess > 0 ? `at a success rate of ${formatPercent(untilSuccess)}, or ${limit}` : limit;
}

function describeOptions(options: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(options).map(([key, value]) => `${key} ${value}`);
  return pairs.length === 0 ? '' : `: ${pairs.join(', ')}`;
}

/** A path from here, where that is shorter. */
export function shorten(path: string): string {
  const short = relative(process.cwd(), path);
  return short.length < path.length ? short : path;
}
