import { UsageError } from '../../common/errors.ts';
import { installCommand } from '../../common/install-command.ts';
import { oneLine } from '../../common/one-line.ts';
import { startThread, type Thread } from '../../common/start-thread.ts';
import type { TrainEvent, TrainSummary } from '../progress.ts';
import type { FromWandbThread, ToWandbThread, WandbThreadData } from './messages.ts';
import { RowBuilder, type WandbRow } from './rows.ts';

export interface WandbOptions {
  /** The project at W&B; `graspbridge` by default. */
  readonly project?: string;
  /** The account or team that it belongs to; by default that of the key. */
  readonly entity?: string;
  /** Told where the run is seen, once it is there. */
  readonly onUrl?: (url: string) => void;
  /** Told once what is wrong, where something is. */
  readonly onWarning?: (message: string) => void;
  /** How long sending what is left may take after the training, s; 10 by default. */
  readonly patience?: number;
  /** The package to load; `@wandb/sdk` by default. */
  readonly module?: string;
}

/** Projects and accounts become parts of addresses, which the package does not quote. */
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
/** Bound on the memory of the package and of all that it keeps, MB. */
const MEMORY = 256;

/**
 * Loads Weights & Biases' own package, `@wandb/sdk`, and looks for an API key: WANDB_API_KEY, or ~/.netrc.
 *
 * Nothing is sent before the training begins. Throws UsageError where the package or the key is missing, or a name
 * cannot be one.
 */
export async function openWandb(options: WandbOptions = {}): Promise<WandbBoard> {
  const { project = 'graspbridge', entity = '', module = '@wandb/sdk' } = options;
  for (const [what, name] of [
    ['project', project],
    ['entity', entity],
  ] as const)
    if (!NAME.test(name) && !(what === 'entity' && name === ''))
      throw new UsageError(
        `The W&B ${what} cannot be "${oneLine(name, 100)}". Use letters, digits, dots, dashes and underscores, 128 at most.`,
      );
  const mode = process.env.WANDB_MODE || 'online';
  if (mode !== 'online')
    throw new UsageError(
      `WANDB_MODE is ${oneLine(mode, 40)}, which @wandb/sdk does not know how to be. Leave --wandb out, or set WANDB_MODE=online.`,
    );
  const data: WandbThreadData = { project, entity, module };
  const thread = startThread(import.meta.url, 'thread', {
    workerData: data,
    silent: true,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
  });
  try {
    checkAnswer(await firstAnswer(thread));
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  return new WandbBoard(thread, options);
}

function firstAnswer(thread: Thread): Promise<FromWandbThread> {
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', code =>
      reject(new UsageError(`The W&B package ended its thread with code ${code} while it was loaded.`)),
    );
  });
}

function checkAnswer(answer: FromWandbThread): void {
  if (answer.kind !== 'refused') return;
  const reason = oneLine(answer.reason, 200);
  if (answer.lacks === 'package')
    throw new UsageError(
      `Sending metrics to Weights & Biases needs its package, which cannot be loaded: ${reason}. ` +
        `Run \`${installCommand('@wandb/sdk')}\`, or leave --wandb out.`,
    );
  throw new UsageError(
    `Sending metrics to Weights & Biases needs an API key, and there is none: ${reason}. Set WANDB_API_KEY, or put the key into ~/.netrc.`,
  );
}

/**
 * A training's metrics at Weights & Biases, as they are written.
 *
 * Sending goes on in a thread of its own that is never waited for: where the server is slow, gone, or refuses, one
 * warning says so, rows are lost there, and the training and its files are as they would be without.
 */
export class WandbBoard {
  private readonly thread: Thread;
  private readonly options: WandbOptions;
  private readonly rows = new RowBuilder();
  private readonly ended: Promise<void>;
  private begun = false;
  private warned = false;
  private closed = false;

  /** @internal */
  constructor(thread: Thread, options: WandbOptions) {
    this.thread = thread;
    this.options = options;
    this.ended = new Promise(resolve => {
      thread.on('message', (message: FromWandbThread) => {
        if (message.kind === 'begun') options.onUrl?.(oneLine(message.url, 300));
        else if (message.kind === 'problem') this.warn(message.reason);
        else if (message.kind === 'finished') resolve();
      });
      thread.on('error', error => this.warn(error.message));
      thread.on('exit', () => resolve());
    });
    // A program that forgets it can end.
    thread.unref();
  }

  /** Takes what a training tells. A run that goes on becomes a run of its own, named after where it does. */
  onEvent(event: TrainEvent): void {
    if (event.kind === 'start') {
      const { run, config, resumedAt } = event;
      this.begun = true;
      this.post({ kind: 'begin', name: resumedAt > 0 ? `${run} from step ${resumedAt}` : run, config });
    } else if (event.kind === 'metrics') this.send(this.rows.add(event.record));
  }

  /**
   * Ends the run there, waiting for no longer than `patience`; warns where that was too short.
   *
   * @param code 0 where all went well; W&B shows any other as a failure.
   * @param summary what came of the training, where it ended.
   */
  async finish(code: number, summary?: TrainSummary): Promise<void> {
    if (this.closed) return;
    if (this.begun) {
      if (summary !== undefined) this.send(this.rows.addSummary(summary));
      this.send(this.rows.rest());
      this.post({ kind: 'finish', code });
      const { patience = 10 } = this.options;
      let late: NodeJS.Timeout | undefined;
      const inTime = await Promise.race([
        this.ended.then(() => true),
        new Promise<false>(resolve => {
          late = setTimeout(resolve, 1000 * patience, false);
        }),
      ]);
      clearTimeout(late);
      if (!inTime) this.warn(`what was left was not taken within ${patience} s`);
    }
    this.closed = true;
    await this.thread.terminate();
  }

  private send(row: WandbRow | null): void {
    if (row !== null) this.post({ kind: 'row', step: row.step, values: row.values });
  }

  private post(message: ToWandbThread): void {
    if (!this.closed) this.thread.postMessage(message);
  }

  private warn(reason: string): void {
    if (this.warned || this.closed) return;
    this.warned = true;
    this.options.onWarning?.(
      `Weights & Biases does not get everything: ${oneLine(reason, 200)}. The run and its own files are not affected.`,
    );
  }
}
