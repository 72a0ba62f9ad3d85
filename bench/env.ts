import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { mujocoModule } from '../src/bridge/mujoco/module.ts';
import { Random } from '../src/common/random.ts';
import { type Env, flatSize, makeEnv } from '../src/envs/index.ts';

export interface EnvBenchOptions {
  readonly env?: string;
  readonly envOptions?: Readonly<Record<string, unknown>>;
  /** Steps of one round. */
  readonly steps?: number;
  readonly rounds?: number;
  readonly seed?: number;
}

export interface EnvBenchResult {
  readonly env: string;
  readonly processor: string;
  /** Median over rounds of whole environment steps a second, resets included, on one core. */
  readonly stepsPerSecond: number;
  /** Part of that time spent inside MuJoCo's own `mj_step`. */
  readonly physicsShare: number;
  /** Median time of one `mj_step`, µs. */
  readonly microsecondsPerPhysicsStep: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

/** Plays random actions; returns seconds. */
async function play(env: Env, steps: number, random: Random): Promise<number> {
  const action = new Float32Array(flatSize(env.actionSpace));
  const start = performance.now();
  let over = true;
  for (let step = 0; step < steps; step++) {
    if (over) await env.reset();
    for (let i = 0; i < action.length; i++) action[i] = random.uniform(-1, 1);
    const { terminated, truncated } = await env.step(action);
    over = terminated || truncated;
  }
  return (performance.now() - start) / 1000;
}

/**
 * Steps a second of a whole environment under random actions, and how much of it is physics.
 *
 * Two kinds of rounds alternate: plain ones, which give the speed, and ones with a clock around every `mj_step`, which
 * give the share; the clock's own cost is measured and taken off both sides.
 */
export async function run(options: EnvBenchOptions = {}): Promise<EnvBenchResult> {
  const { env: id = 'SawyerGrasp-v1', envOptions = {}, steps = 4000, rounds = 5, seed = 1 } = options;
  const env = await makeEnv(id, envOptions);
  const module = await mujocoModule();
  const plainStep = module.mj_step;
  await env.reset({ seed });
  await play(env, 1000, new Random(seed));

  const clockStart = performance.now();
  for (let i = 0; i < 100_000; i++) performance.now();
  const clock = (performance.now() - clockStart) / 100_000 / 1000;

  const speeds: number[] = [];
  const shares: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    speeds.push(steps / (await play(env, steps, new Random(seed + round))));
    let inside = 0;
    let calls = 0;
    module.mj_step = (model, data) => {
      const before = performance.now();
      plainStep(model, data);
      inside += (performance.now() - before) / 1000;
      calls++;
    };
    const total = await play(env, steps, new Random(seed + round));
    module.mj_step = plainStep;
    // Each clocked call holds one reading of the clock inside the interval and one outside it.
    shares.push((inside - calls * clock) / (total - 2 * calls * clock));
    costs.push(((inside - calls * clock) / calls) * 1e6);
  }
  await env.close();
  return {
    env: id,
    processor: cpus()[0]?.model ?? 'unknown',
    stepsPerSecond: Math.round(median(speeds)),
    physicsShare: median(shares),
    microsecondsPerPhysicsStep: median(costs),
  };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { env: { type: 'string', default: 'SawyerGrasp-v1' }, json: { type: 'boolean' } },
  });
  console.log(JSON.stringify(await run({ env: values.env }), null, values.json ? 0 : 2));
}
