import { expect, onTestFinished, test } from 'vitest';
import { resolveConfig } from '../../../src/training/config.ts';
import { setUpLearner } from '../../../src/training/workers/set-up.ts';
import { SMALL } from '../run-files.ts';
import { BareWorker, LAYOUT, until } from './bare-worker.ts';
import '../point-env.ts';

test('1,000 failures and 200 expulsions of workers become a few warnings, and each is counted', async () => {
  const warnings: string[] = [];
  const config = resolveConfig({ ...SMALL, listen: 'tcp://127.0.0.1:0' });
  const { hub, close } = await setUpLearner(config, { onWarning: message => warnings.push(message) });
  onTestFinished(close);
  hub.start({ run: 'this-run', random: true, layout: LAYOUT });
  const worker = new BareWorker(hub.addresses.localAddress);
  for (let i = 0; i < 1_000; i++) {
    const { run, session } = await worker.join({ worker: `failing-${i}`, secret: '' });
    await worker.send({ kind: 'leave', run, session, reason: 'failed', text: `failure ${i}` });
  }
  for (let i = 0; i < 200; i++) {
    await worker.join({ worker: `false-${i}`, secret: '' });
    await worker.send(Buffer.alloc(8, 0xc1));
    await worker.next('refused');
  }
  await until(() => hub.expulsions.toJSON().total === 200, 'all expelled');
  const failures = warnings.filter(message => message.includes('failed: failure'));
  expect(failures).toHaveLength(12);
  expect(failures.at(-1)).toContain('This is warning 1,000 of its kind.');
  expect(warnings.length).toBeLessThan(40);
});
