import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { OnPolicy } from '../../../src/agents/index.ts';
import { Random } from '../../../src/common/random.ts';
import { createEngine } from '../../../src/engine/index.ts';
import { loadAlgorithm } from '../../../src/training/index.ts';
import { createPolicy, openAnyEnv } from '../../../src/training/setup.ts';
import type { Arrived, WorkerHub } from '../../../src/training/workers/hub.ts';
import { rangedRollouts } from '../../../src/training/workers/ranges.ts';
import { rolloutLayout } from '../../../src/training/workers/rollout-columns.ts';
import { runWorker } from '../../../src/training/workers/worker.ts';
import { openHub, until } from './bare-worker.ts';

const JOB = {
  ...{ env: 'CartPole-v1', envOptions: {}, simulator: 'mujoco', simulatorOptions: {}, algorithm: 'ppo' },
  ...{ agentOptions: { hidden: [8] }, backend: 'onnx' as const, maxEpisodeSteps: 30, envs: 1 },
};

/** A line to a port that can be cut. */
async function openLine(port: number): Promise<{ address: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer(near => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const address = server.address() as { port: number };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  onTestFinished(cut);
  return { address: `tcp://127.0.0.1:${address.port}`, cut };
}

/** A learner of PPO that does not learn, and a worker in this process. */
async function openTraining(chunk: number) {
  const env = await openAnyEnv(JOB);
  const engine = await createEngine();
  const policy = (await createPolicy(await loadAlgorithm('ppo'), JOB, env, engine, new Random(3))) as OnPolicy; // So is PPO's.
  const { hub, address } = await openHub({ job: JOB, chunk, window: 4 * chunk, deadline: 60_000 });
  hub.start({ run: 'this-run', random: false, layout: rangedRollouts(await rolloutLayout(policy), env) });
  const weights = await policy.getWeights();
  const line = await openLine(Number(address.split(':').at(-1)));
  const leaving = new AbortController();
  const work = runWorker({ address: line.address, secret: 'secret', signal: leaving.signal });
  onTestFinished(async () => {
    leaving.abort();
    await work;
    await Promise.all([env.close(), policy.close()]);
    await engine.close();
  });
  return { hub, line, publish: (version: number) => hub.publish(version, weights) };
}

async function nextRollout(hub: WorkerHub): Promise<Arrived> {
  let arrived: Arrived | null = null;
  await until(() => {
    arrived = hub.take();
    return arrived !== null;
  }, 'a rollout');
  const rollout = arrived as unknown as Arrived; // Assigned inside the closure, which the compiler does not see.
  hub.roster.get(rollout.worker)?.take(rollout.seq);
  hub.acknowledge(rollout);
  return rollout;
}

test('a worker whose line was cut, and who has the newest weights already, gets those that follow', async () => {
  const { hub, line, publish } = await openTraining(40);
  publish(1);
  expect((await nextRollout(hub)).weights).toBe(1);
  line.cut();
  await until(() => hub.routes.size === 2, 'the worker connected again');
  publish(2);
  expect((await nextRollout(hub)).weights).toBe(2);
});

test('a rollout is made with the weights it began with, whatever comes meanwhile', async () => {
  const { hub, publish } = await openTraining(3_000);
  publish(1);
  await until(() => hub.routes.oldestWeights === 1, 'the first weights in use');
  publish(2);
  expect((await nextRollout(hub)).weights).toBe(1);
  expect((await nextRollout(hub)).weights).toBe(2);
});
