import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createSac } from '../src/agents/index.ts';
import { Random } from '../src/common/random.ts';
import { createEngine } from '../src/engine/index.ts';
import { isPinned, median, pinToOneCore } from './pinned.ts';

export interface ActBenchOptions {
  readonly observationSize?: number;
  readonly actionSize?: number;
  /** Actions of one round. */
  readonly actions?: number;
  readonly rounds?: number;
}

export interface ActBenchResult {
  readonly processor: string;
  readonly node: string;
  readonly engine: string;
  /** Whether all of it ran on one core. */
  readonly oneCore: boolean;
  readonly hidden: readonly number[];
  /** From one observation to one sampled action: median over all calls, µs. */
  readonly microseconds: number;
  /** Of the slowest call in a hundred. */
  readonly microseconds99: number;
}

/** How long the default agent takes from one observation to one action. */
export async function run(options: ActBenchOptions = {}): Promise<ActBenchResult> {
  const { observationSize = 25, actionSize = 7, actions = 2000, rounds = 7 } = options;
  const engine = await createEngine();
  const random = new Random(1);
  const policy = await createSac({ observationSize, actionSize, engine, random });
  const observation = Float32Array.from({ length: observationSize }, () => random.normal());
  const times = new Float64Array(actions);
  const medians: number[] = [];
  const slowest: number[] = [];
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; i < actions; i++) {
      observation[i % observationSize] = random.normal();
      const start = performance.now();
      await policy.computeActions(observation, 1);
      times[i] = (performance.now() - start) * 1000;
    }
    if (round === 0) continue;
    times.sort();
    medians.push(times[actions >> 1] as number);
    slowest.push(times[Math.floor(0.99 * actions)] as number);
  }
  const result = {
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    engine: engine.description,
    oneCore: isPinned(),
    hidden: policy.options.actorHidden,
    microseconds: Number(median(medians).toPrecision(4)),
    microseconds99: Number(median(slowest).toPrecision(4)),
  };
  await engine.close();
  return result;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
  pinToOneCore();
  console.log(JSON.stringify(await run(), null, values.json ? 0 : 2));
}
