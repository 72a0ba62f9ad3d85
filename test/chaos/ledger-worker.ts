import { appendFileSync } from 'node:fs';
import { floatsOf } from '../../src/training/bus/index.ts';
import { splitColumns, transitionLayout } from '../../src/training/workers/layout.ts';
import { runWorker } from '../../src/training/workers/worker.ts';
import '../training/point-env.ts';
import { rowChecksums } from './rows.ts';

/*
 * A worker that writes down the checksum of every transition that the learner has acknowledged as being on disk.
 *
 *   ledger-worker.ts ADDRESS FILE
 */

const [address = '', ledger = ''] = process.argv.slice(2);
const layout = transitionLayout({ observationSize: 2, actionSize: 2 });

await runWorker({
  address,
  patience: 120,
  onDurable: chunks => {
    const lines = chunks.flatMap(({ payload, rows }) =>
      rowChecksums(splitColumns(floatsOf(payload), rows, layout), rows),
    );
    if (lines.length > 0) appendFileSync(ledger, `${lines.join('\n')}\n`);
  },
});
