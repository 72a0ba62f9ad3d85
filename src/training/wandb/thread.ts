import { parentPort, workerData } from 'node:worker_threads';
import type { wandb as Wandb } from '@wandb/sdk';
import { discardOutput } from '../../common/discard-output.ts';
import type { FromWandbThread, ToWandbThread, WandbThreadData, WandbValues } from './messages.ts';
import { watchRequests } from './requests.ts';

/*
 * The thread that W&B's package lives in. There it can neither print nor take Ctrl-C for itself, end the process, keep
 * it alive or wait for it, all of which it would do in the main thread; and what it throws ends this thread alone.
 */

/** Rows that may wait for the server; those that come then are left out. */
const MOST_WAITING = 10_000;

type Run = Awaited<ReturnType<typeof Wandb.init>>;

const { project, entity, module } = workerData as WandbThreadData; // Given where it is started.
const baseUrl = (process.env.WANDB_BASE_URL || 'https://api.wandb.ai').replace(/\/+$/, '');
// With it the package looks for a file that it does not have.
delete process.env.WANDB_WORKER;

let run: Promise<Run> | null = null;
let begun: Run | null = null;
const waiting: { step: number; values: WandbValues }[] = [];
let logged = 0;
let delivered = 0;

const tell = (message: FromWandbThread) => parentPort?.postMessage(message);
/** Gives up a run that has not begun. */
let abandon: (error: Error) => void = () => {};

function complain(reason: string): void {
  tell({ kind: 'problem', reason });
  // A request that failed is not repeated by the package, whatever it says: the run will not begin any more.
  abandon(new Error(reason));
}

/** A failed request carries the whole of what was asked in its message, behind a colon. */
function reasonOf(error: unknown): string {
  const { message, response } = error as { message?: unknown; response?: { status?: unknown } }; // Looked at below.
  if (typeof response?.status === 'number') return `HTTP status ${response.status}`;
  return typeof message === 'string' ? (message.split(': {')[0] as string) : String(error);
}

discardOutput();
// What the package prints is for nobody; what it prints of an error is all that it says of it.
for (const name of ['log', 'info', 'warn', 'debug'] as const) console[name] = () => {};
console.error = (...words: unknown[]) => {
  const error = words.find(word => word instanceof Error);
  complain(error === undefined ? words.join(' ') : reasonOf(error));
};

async function begin(wandb: typeof Wandb, apiKey: string, name: string, config: object): Promise<Run> {
  const settings = { apiKey, baseUrl, offline: false, silent: true };
  const opened = await new Promise<Run>((resolve, reject) => {
    abandon = reject;
    wandb.init({ project, entity, name, config, settings }).then(resolve, reject);
  });
  abandon = () => {};
  tell({ kind: 'begun', url: opened.url() });
  begun = opened;
  for (const row of waiting.splice(0)) log(opened, row.step, row.values);
  return opened;
}

function log(to: Run, step: number, values: WandbValues): void {
  to.log({ ...values }, step);
  logged++;
}

function take(step: number, values: WandbValues): void {
  if (waiting.length + logged - delivered >= MOST_WAITING)
    complain(`${MOST_WAITING} rows wait for ${baseUrl}, and no more are kept`);
  else if (begun === null) waiting.push({ step, values });
  else log(begun, step, values);
}

async function finish(code: number): Promise<void> {
  const opened = await run;
  await opened?.finish(code);
  tell({ kind: 'finished' });
}

async function serve(): Promise<void> {
  let wandb: typeof Wandb;
  try {
    ({ wandb } = (await import(module)) as typeof import('@wandb/sdk')); // Its own types, of the version tested.
  } catch (error) {
    return tell({ kind: 'refused', lacks: 'package', reason: reasonOf(error) });
  }
  let apiKey: string;
  try {
    // WANDB_API_KEY, or the host's entry in ~/.netrc; in a thread there is no terminal to ask at.
    apiKey = await wandb.login({ host: baseUrl });
  } catch (error) {
    return tell({ kind: 'refused', lacks: 'key', reason: reasonOf(error) });
  }
  watchRequests(
    () => logged,
    mark => {
      delivered = Math.max(delivered, mark);
    },
    complain,
  );
  parentPort?.on('message', (message: ToWandbThread) => {
    if (message.kind === 'begin') {
      run = begin(wandb, apiKey, message.name, message.config);
      run.catch((error: unknown) => complain(reasonOf(error)));
    } else if (message.kind === 'row') take(message.step, message.values);
    else finish(message.code).catch(() => tell({ kind: 'finished' }));
  });
  tell({ kind: 'ready' });
}

await serve();
