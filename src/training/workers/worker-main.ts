import type { Job } from '../bus/index.ts';
import { beChild } from './child-process.ts';

/** What a local worker is told by the process that started it. */
export interface WorkerOrder {
  readonly address: string;
  readonly secret: string;
  /** Its name on the bus. */
  readonly name: string;
  readonly job: Job;
}

const signal = beChild();
let working = false;
signal.addEventListener('abort', () => {
  // Nothing was opened yet that would have to be closed.
  if (!working) process.exit(0);
});

// Loaded only now, so that a parent that dies meanwhile is noticed, and while the order is on its way.
const loading = import('./worker.ts');
process.once('message', async (order: WorkerOrder) => {
  try {
    const { runWorker } = await loading;
    working = true;
    await runWorker({ ...order, signal, onReady: () => process.send?.('ready', undefined, {}, () => {}) });
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`, () => process.exit(1));
  }
});
