import { closeAll } from '../common/close-all.ts';
import type { TrainEvent, TrainHooks } from '../training/index.ts';
import type { Values } from './command.ts';
import { formatCount, formatDuration, formatPercent, isJudgedBySuccess, type Output } from './output.ts';
import { type PAGE_OPTIONS, presentPage } from './view-options.ts';

/** Between two messages on how the training stands, ms. */
const INTERVAL = 250;

/** A training's page: the arm as it is sampled, and the curves of this run beside those of the others. */
export interface TrainingPage {
  readonly hooks: Pick<TrainHooks, 'around'>;
  onEvent(event: TrainEvent): void;
  close(): Promise<void>;
}

/** Starts the page of a training that begins. */
export async function watchTraining(
  runsDirectory: string,
  values: Values<typeof PAGE_OPTIONS>,
  output: Output,
): Promise<TrainingPage> {
  const { RunFeed } = await import('../training/index.ts');
  const { LiveViewer, RunWatcher } = await import('../viewer/index.ts');
  const watcher = new RunWatcher(new RunFeed([runsDirectory]));
  const viewer = await LiveViewer.start({
    title: 'training',
    ...(values.port === undefined ? {} : { port: values.port }),
    abilities: { training: true },
    // The arm is seen in leaps anyway: it moves many times faster than in the world.
    rate: 30,
    // Ten pages are no reason to train slower.
    mostPoses: 90,
    greetings: () => [watcher.greeting()],
    onMessage: (message, client) => watcher.handle(message, client),
    onLeave: client => watcher.leave(client),
    announce: text => output.line(text),
  });
  watcher.attach(viewer);
  await presentPage(viewer.url, values, output);
  let next = 0;
  let updates = { count: 0, at: 0 };
  let evaluated = '–';
  let objective: 'success' | 'return' = 'success';
  let judged = true;
  return {
    hooks: { around: simulator => viewer.watch(simulator) },
    onEvent(event) {
      if (event.kind === 'start') {
        viewer.rename({ title: event.run });
        ({ objective } = event);
        judged = objective === 'success';
      }
      if (event.kind === 'warning') viewer.say({ type: 'notice', level: 'error', text: event.message });
      if (event.kind === 'evaluation') {
        judged = isJudgedBySuccess(objective, event);
        const score = judged
          ? `${formatPercent(event.successRate)} success`
          : `mean return ${event.meanReturn.toFixed(2)}`;
        evaluated = `${score}, ${event.episodes} episodes (${event.purpose})`;
      }
      const now = Date.now();
      if (event.kind !== 'progress' || now < next || viewer.clients === 0) return;
      next = now + INTERVAL;
      const { envSteps, steps, stepsPerSecond, episodes, successRate, meanReturn, trainSeconds } = event;
      const rate = (event.updates - updates.count) / Math.max(1e-3, trainSeconds - updates.at);
      updates = { count: event.updates, at: trainSeconds };
      const left = stepsPerSecond > 0 ? formatDuration((steps - envSteps) / stepsPerSecond) : '–';
      viewer.show({
        type: 'training',
        done: envSteps / steps,
        rows: [
          ['environment steps', `${formatCount(envSteps)} of ${formatCount(steps)}`],
          ['episodes', formatCount(episodes)],
          ['environment steps a second', formatCount(stepsPerSecond)],
          ['updates a second', formatCount(rate)],
          ...(judged ? [['success, last 50 episodes', formatPercent(successRate)] as [string, string]] : []),
          ['return, last 50 episodes', meanReturn.toFixed(2)],
          ['evaluated', evaluated],
          ['training left, at most', left],
          ...describeWorkers(event),
        ],
      });
    },
    async close() {
      // The last lines of the metrics.
      await closeAll(
        () => watcher.look(),
        watcher,
        () => viewer.close('The training has ended; the page stays as it is.'),
      );
    },
  };
}

/** How the rollout workers are, where there are any. */
function describeWorkers({ workers: status }: TrainEvent & { kind: 'progress' }): [string, string][] {
  if (status === undefined) return [];
  const states = status.workers.map(({ index, state }) => `${index} ${state}`).join(', ');
  return [
    ['workers', states || 'none yet'],
    ['updates a step', status.updatesPerStep.toFixed(2)],
    ['bottleneck', status.bottleneck],
    ...(status.expelled.total > 0 ? [['expelled', `${status.expelled.total} workers`] as [string, string]] : []),
  ];
}
