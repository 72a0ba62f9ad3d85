/**
 * Draws a picture of the arm that has just lifted the block, without a GPU or a window.
 *
 *     npx tsx tools/render-scene.ts --out docs/sawyer-grasp.png [--width 1200] [--height 800] [--samples 5]
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Simulator } from '../src/bridge/index.ts';
import { createExpert } from '../src/demos/index.ts';
import { makeEnv, SawyerEnv, unwrapped } from '../src/envs/index.ts';
import { encodePng } from './render-scene/png.ts';
import { render, solidsOf } from './render-scene/render.ts';

/** From the front left, with the whole arm and most of the table in view. */
const CAMERA = { from: [1.5, 1.75, 1.6], to: [0.09, -0.01, 1.035], fieldOfView: 0.44 } as const;
const BLOCK = { targetPosition: [0.4, -0.06, 0.775], targetYaw: 0.5 };
/** How high the block is lifted, m. */
const LIFT = 0.13;

/** Grasps the block with the expert, then lifts it. */
async function graspAndLift(): Promise<Simulator> {
  const env = await makeEnv('SawyerGrasp-v1');
  const sawyer = unwrapped(env);
  if (!(sawyer instanceof SawyerEnv)) throw new Error('SawyerGrasp-v1 is no Sawyer environment.');
  const expert = await createExpert(env);
  await env.reset({ seed: 1, options: BLOCK });
  for (;;) {
    const { terminated, truncated, info } = await env.step(expert());
    if (info.success === true) break;
    if (terminated || truncated) throw new Error('The expert did not grasp the block; choose another place for it.');
  }
  const { simulator } = sawyer;
  const { position, orientation } = sawyer.state.tip;
  const goal = { position: [position[0], position[1], position[2] + LIFT] as const, orientation };
  for (let period = 0; period < 40; period++)
    await simulator.step({ arm: { kind: 'tip_goal', goal }, gripperVelocity: 0 });
  return simulator;
}

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    width: { type: 'string', default: '1200' },
    height: { type: 'string', default: '800' },
    samples: { type: 'string', default: '5' },
  },
});
const [width, height, samples] = [Number(values.width), Number(values.height), Number(values.samples)];
if (values.out === undefined || ![width, height, samples].every(n => Number.isInteger(n) && n > 0)) {
  console.error('Usage: npx tsx tools/render-scene.ts --out FILE.png [--width 1200] [--height 800] [--samples 5]');
  process.exit(2);
}
const simulator = await graspAndLift();
const solids = solidsOf(await simulator.describe(), await simulator.bodyPoses());
await simulator.close();
const pixels = render(solids, { width, height, samples, camera: CAMERA }, done => {
  if (done % 50 === 0) console.error(`${done} of ${height} rows`);
});
const png = encodePng(width, height, pixels);
writeFileSync(values.out, png);
console.log(`${values.out}: ${width} × ${height}, ${(png.length / 1000).toFixed(0)} kB`);
