import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Job } from '../../../src/training/bus/index.ts';
import { runWorker } from '../../../src/training/workers/worker.ts';
import { temporaryFolder } from '../run-files.ts';
import { LAYOUT, openHub } from './bare-worker.ts';

const JOB = {
  ...{ env: 'CartPole-v1', envOptions: {}, simulator: 'mujoco', simulatorOptions: {}, algorithm: 'ppo' },
  ...{ agentOptions: { hidden: [8] }, backend: 'onnx' as const, maxEpisodeSteps: 30, envs: 1 },
};

/** A learner that asks for the job. */
async function openLearner(job: Job): Promise<string> {
  const { hub, address } = await openHub({ job });
  hub.start({ run: 'this-run', random: true, layout: LAYOUT });
  return address;
}

/** A module that leaves a marker when it is loaded, and that marker's path. */
function evilModule(): { readonly module: string; readonly marker: string } {
  const folder = temporaryFolder();
  const module = join(folder, 'policy.mjs');
  const marker = join(folder, 'marker');
  writeFileSync(module, `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(marker)}, '');\n`);
  return { module, marker };
}

test('a worker loads no module that only its learner names, unless it is trusted', async () => {
  const { module, marker } = evilModule();
  const address = await openLearner({ ...JOB, algorithm: module });
  await expect(runWorker({ address, secret: 'secret' })).rejects.toThrow(
    /Only the learner at tcp.* names what would run code here/,
  );
  expect(existsSync(marker)).toBe(false);
  await expect(runWorker({ address, secret: 'secret', trust: [module] })).rejects.toThrow('no algorithm');
  expect(existsSync(marker)).toBe(true);
});

test('a worker starts no CoppeliaSim that only its learner names, but its own one', async () => {
  const job = { ...JOB, env: 'SawyerReach-v1', simulator: 'coppeliasim', algorithm: 'sac', agentOptions: {} };
  const address = await openLearner({ ...job, simulatorOptions: { coppeliasim: '/no/such/one' } });
  const worker = { address, secret: 'secret' };
  await expect(runWorker(worker)).rejects.toThrow('not the CoppeliaSim that this machine finds by itself');
  const own = join(temporaryFolder(), 'own');
  await expect(runWorker({ ...worker, coppeliasim: own })).rejects.toThrow(`${own} (--coppeliasim)`);
});

test('a worker that was started for a job ignores the job of whoever listens at the address', async () => {
  const { module, marker } = evilModule();
  const address = await openLearner({ ...JOB, algorithm: module });
  const own = { ...JOB, env: 'Pendulum-v1', algorithm: 'sac', agentOptions: {} };
  // It sends what this learner did not ask for.
  await expect(runWorker({ address, secret: 'secret', job: own })).rejects.toThrow('expelled');
  expect(existsSync(marker)).toBe(false);
});

test('a worker rejects a trusted path that is not there before it looks for a learner', async () => {
  await expect(runWorker({ address: 'tcp://127.0.0.1:9', trust: ['no-such-folder'] })).rejects.toThrow('--trust needs');
});
