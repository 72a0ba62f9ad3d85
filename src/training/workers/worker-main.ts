import type { Job } from '../bus/index.ts';
import { beChild } from './child-process.ts';
import { runWorker } from './worker.ts';

/** What a local worker is told by the process that started it. */
export interface WorkerOrder {
  readonly address: string;
  readonly secret: string;
  readonly job: Job;
}

const signal = beChild();
process.once('message', (order: WorkerOrder) => {
  runWorker({ ...order, signal }).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : error}\n`, () => process.exit(1));
    },
  );
});
