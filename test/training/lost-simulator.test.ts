import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  type Box,
  type Env,
  makeEnv,
  registerEnv,
  type SawyerEnv,
  type Space,
  type StepResult,
  unwrapped,
  Wrapper,
} from '../../src/envs/index.ts';
import { type TrainEvent, type TrainOptions, train } from '../../src/training/index.ts';
import { ScriptedPeer } from '../bridge/coppeliasim/scripted-peer.ts';
import { Served } from '../bridge/coppeliasim/served.ts';
import { isAlive } from '../bridge/coppeliasim/supervisor/fake-installation.ts';

/** What happens right before which environment step of the training. */
let sabotage: ReadonlyMap<number, (env: SawyerEnv) => unknown> = new Map();
let steps = 0;
let opened = 0;

/** The reach task, to which things happen from outside. */
class Sabotaged extends Wrapper<Space, Space> {
  get actionSpace(): Space {
    return this.env.actionSpace;
  }

  async step(action: Float32Array): Promise<StepResult<Space>> {
    await sabotage.get(++steps)?.(unwrapped(this) as SawyerEnv);
    return (this.env as Env<Space, Box>).step(action);
  }
}

beforeAll(() => {
  registerEnv({
    id: 'Sabotaged-v0',
    summary: 'Reach, with things happening from outside',
    async make(options, context) {
      const env = await makeEnv('SawyerReach-v1', options, context);
      // The second one is the evaluation's.
      return opened++ % 2 === 0 ? new Sabotaged(env) : env;
    },
  });
});

let folder: string;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  rmSync(folder, { recursive: true, force: true });
});

async function trainThrough(simulatorOptions: Record<string, unknown>, events: typeof sabotage) {
  folder = mkdtempSync(join(tmpdir(), 'graspbridge-lost-'));
  sabotage = events;
  steps = 0;
  const told: TrainEvent[] = [];
  const options: TrainOptions = {
    env: 'Sabotaged-v0',
    simulator: 'coppeliasim',
    simulatorOptions: { stepTimeout: 1, connectTimeout: 2, idleSeconds: 1, backOff: 0.1, ...simulatorOptions },
    agentOptions: { actorHidden: [8], criticHidden: [8], batchSize: 8 },
    steps: 250,
    untilSuccess: 0,
    randomSteps: 20,
    evalEvery: 100,
    evalEpisodes: 1,
    finalEpisodes: 2,
    bufferCapacity: 1000,
  };
  const summary = await train({ options, runsDirectory: folder, name: 'lost' }, { onEvent: event => told.push(event) });
  return { summary, warnings: summary.warnings, told };
}

test('training goes on through a death, a freeze, a stop and a stolen step, and says so each time', async () => {
  const served = await Served.start();
  ends.push(() => served.kill());
  const { summary, warnings, told } = await trainThrough(
    { address: served.address },
    new Map<number, () => unknown>([
      [20, () => served.kill().then(() => void served.launch())],
      [
        60,
        () => {
          served.freeze();
          setTimeout(() => served.thaw(), 1500);
        },
      ],
      [110, () => served.callAndVanish('sim.stopSimulation')],
      [160, () => served.callAndVanish('sim.setStepping', [true])],
    ]),
  );
  expect(summary.envSteps).toBeGreaterThanOrEqual(250);
  expect(summary.evaluation?.episodes).toBe(2);
  expect(warnings.filter(warning => warning.includes('was lost in episode'))).toHaveLength(4);
  expect(told.find(event => event.kind === 'start')?.simulator).toBe(
    `coppeliasim 4.10.0, running at ${served.address}`,
  );
}, 120_000);

test('training goes on through a pose that is not a number', async () => {
  const peer = await ScriptedPeer.start();
  ends.push(() => peer.close());
  const { summary } = await trainThrough(
    { address: peer.address },
    new Map([[30, () => peer.lua.do("world.objects[sim.getObject('/target')].pose[2] = 0/0")]]),
  );
  expect(summary.envSteps).toBeGreaterThanOrEqual(250);
}, 120_000);

test('one that is started for the training is started again when it dies or hangs, and is gone in the end', async () => {
  const installation = resolve(import.meta.dirname, '../fixtures/served-coppeliasim');
  const pidsFile = join(mkdtempSync(join(tmpdir(), 'graspbridge-pids-')), 'pids');
  process.env.SERVED_PIDS = pidsFile;
  ends.push(() => {
    delete process.env.SERVED_PIDS;
    rmSync(dirname(pidsFile), { recursive: true });
  });
  const pids = () => readFileSync(pidsFile, 'utf8').trim().split('\n').map(Number);
  const { summary, warnings, told } = await trainThrough(
    { coppeliasim: installation, scene: resolve(import.meta.dirname, '../../scenes/sawyer-grasp.xml') },
    new Map([
      [40, () => process.kill(pids().at(-1) as number, 'SIGKILL')],
      // It hangs: it is killed and started again.
      [90, () => process.kill(pids().at(-1) as number, 'SIGSTOP')],
    ]),
  );
  expect(summary.envSteps).toBeGreaterThanOrEqual(250);
  expect(warnings.filter(warning => warning.includes('was lost in episode'))).toHaveLength(2);
  const start = told.find(event => event.kind === 'start');
  expect(start?.simulator).toBe(`coppeliasim 4.10.0, started from ${join(installation, 'coppeliaSim.sh')}`);
  expect(pids()).toHaveLength(3);
  expect(pids().filter(isAlive)).toEqual([]);
}, 120_000);
