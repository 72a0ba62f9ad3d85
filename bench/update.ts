import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createSac, ReplayBuffer, type SacOptions } from '../src/agents/index.ts';
import { Random } from '../src/common/random.ts';
import { createEngine } from '../src/engine/index.ts';
import { isPinned, median, pinToOneCore } from './pinned.ts';
import { findTorch, TorchRival, type TorchSize, type TorchStyle } from './rivals/torch.ts';

export interface UpdateBenchOptions {
  /** Pythons to look for PyTorch in, in order. */
  readonly pythons?: readonly string[];
  readonly rounds?: number;
  /** Seconds that one engine computes before the next has its turn. */
  readonly secondsPerTurn?: number;
}

/** By size: `default` is the default agent's, `S1` the original's, `S2` a common one. */
type BySize = Readonly<Record<string, number>>;

export interface UpdateBenchResult {
  readonly processor: string;
  readonly node: string;
  readonly engine: string;
  /** Whether all of it ran on one core. */
  readonly oneCore: boolean;
  /** Medians over rounds. */
  readonly updatesPerSecond: BySize;
  readonly torch: { readonly version: string; readonly blas: string | null; readonly coreType: string | null } | null;
  /** Why there are no ratios. */
  readonly note?: string;
  readonly torchUpdatesPerSecond?: { readonly plain: BySize; readonly tuned: BySize };
  /** Updates a second over those of PyTorch in plain single-file style: medians over rounds of the same round's ratio. */
  readonly ratioToTorch: BySize | null;
  readonly ratioToTunedTorch?: BySize;
}

interface Size {
  readonly observationSize: number;
  readonly options: SacOptions;
}

const ACTIONS = 7;
const SIZES: Readonly<Record<string, Size>> = {
  default: { observationSize: 25, options: {} },
  // The original's networks. Its habits of normalizing rewards and of sharing noise are left out: the rival has neither.
  S1: { observationSize: 17, options: { preset: 'original', rewardNormalization: 0, sharedNoise: false } },
  S2: {
    observationSize: 17,
    options: { actorHidden: [256, 256], criticHidden: [256, 256], batchSize: 256, criticLayerNorm: false, nStep: 1 },
  },
};

/** A learner with a filled replay buffer; updates include drawing the batch and the noise. */
async function createLearner({ observationSize, options }: Size) {
  const engine = await createEngine();
  const random = new Random(1);
  const policy = await createSac({ observationSize, actionSize: ACTIONS, engine, random, options });
  const replay = new ReplayBuffer({ observationSize, actionSize: ACTIONS, capacity: 4096 });
  const normal = () => Float32Array.from({ length: observationSize }, () => random.normal());
  for (let i = 0; i < replay.capacity; i++)
    replay.add({
      observation: normal(),
      action: Float32Array.from({ length: ACTIONS }, () => random.uniform(-1, 1)),
      reward: random.normal(),
      nextObservation: normal(),
      discount: random.uniform() < 0.1 ? 0 : 0.95,
    });
  const update = async (updates: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < updates; i++) {
      replay.sampleInto(policy.batch, random);
      await policy.learnOnBatch(policy.batch);
    }
    return (performance.now() - start) / 1000;
  };
  return { engine, policy, update };
}

type Learner = Awaited<ReturnType<typeof createLearner>>;

function torchSize({ policy }: Learner): TorchSize {
  const { batchSize, actorHidden, criticHidden, criticLayerNorm, learningRate, tau } = policy.options;
  return {
    observation: policy.observationSize,
    action: policy.actionSize,
    batch: batchSize,
    actorHidden,
    criticHidden,
    layerNorm: criticLayerNorm,
    learningRate,
    tau,
  };
}

/**
 * SAC updates a second, beside PyTorch's on the same core in the same run: the engines take turns of a fraction of a
 * second, so that whatever else the machine does falls on all of them.
 */
export async function run(options: UpdateBenchOptions = {}): Promise<UpdateBenchResult> {
  const { pythons = ['python3', '/usr/bin/python3'], rounds = 9, secondsPerTurn = 0.4 } = options;
  const learners: Record<string, Learner> = {};
  for (const [name, size] of Object.entries(SIZES)) learners[name] = await createLearner(size);
  const sizes = Object.fromEntries(Object.entries(learners).map(([name, learner]) => [name, torchSize(learner)]));
  const installation = findTorch(pythons);
  const rival = installation && (await TorchRival.start(installation, sizes));

  const rates = { ours: {}, plain: {}, tuned: {} } as Record<'ours' | TorchStyle, Record<string, number[]>>;
  for (const [name, learner] of Object.entries(learners)) {
    const turns: { readonly who: keyof typeof rates; readonly update: (updates: number) => Promise<number> }[] = [
      { who: 'ours', update: learner.update },
    ];
    if (rival)
      for (const who of ['plain', 'tuned'] as const)
        turns.push({ who, update: updates => rival.update(name, who, updates) });
    const counts: number[] = [];
    for (const { who, update } of turns) {
      rates[who][name] = [];
      await update(5);
      counts.push(Math.max(2, Math.round((secondsPerTurn * 5) / (await update(5)))));
    }
    for (let round = 0; round < rounds; round++)
      for (const [i, { who, update }] of turns.entries()) {
        const count = counts[i] as number; // One was pushed for each turn.
        rates[who][name]?.push(count / (await update(count)));
      }
  }
  const { ours, plain, tuned } = rates;
  const result: UpdateBenchResult = {
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    engine: learners.default?.engine.description ?? '',
    oneCore: isPinned(),
    updatesPerSecond: mapValues(ours, median),
    ...(rival && installation
      ? {
          torch: { version: rival.version, blas: rival.blas, coreType: installation.coreType },
          torchUpdatesPerSecond: { plain: mapValues(plain, median), tuned: mapValues(tuned, median) },
          ratioToTorch: ratios(ours, plain),
          ratioToTunedTorch: ratios(ours, tuned),
        }
      : {
          torch: null,
          ratioToTorch: null,
          note: `PyTorch is missing: none of ${pythons.join(', ')} can import torch.`,
        }),
  };
  rival?.close();
  for (const { engine } of Object.values(learners)) await engine.close();
  return result;
}

function mapValues<T>(record: Readonly<Record<string, T>>, f: (value: T) => number): BySize {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, Number(f(value).toPrecision(4))]));
}

function ratios(ours: Readonly<Record<string, number[]>>, theirs: Readonly<Record<string, number[]>>): BySize {
  const paired = Object.entries(ours).map(([name, rates]): [string, number[]] => [
    name,
    rates.map((rate, round) => rate / (theirs[name]?.[round] ?? Number.NaN)),
  ]);
  return mapValues(Object.fromEntries(paired), median);
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, python: { type: 'string' }, rounds: { type: 'string', default: '9' } },
  });
  pinToOneCore();
  const pythons = values.python === undefined ? {} : { pythons: [values.python] };
  const result = await run({ ...pythons, rounds: Number(values.rounds) });
  if (result.note) console.error(result.note);
  console.log(JSON.stringify(result, null, values.json ? 0 : 2));
}
