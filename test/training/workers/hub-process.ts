import { WorkerHub } from '../../../src/training/workers/hub.ts';

/*
 * A learner that welcomes workers and does nothing else; a line for each worker it welcomed first or again.
 *
 *   hub-process.ts PORT
 */

const hub = await WorkerHub.open({
  address: `tcp://127.0.0.1:${process.argv[2]}`,
  secret: 'secret',
  job: {
    ...{ env: 'Point-v0', envOptions: {}, simulator: 'mujoco', simulatorOptions: {}, algorithm: 'sac' },
    ...{ agentOptions: {}, backend: 'onnx', maxEpisodeSteps: 100, envs: 1 },
  },
  ...{ seed: 1, chunk: 4, window: 8, retain: 1 << 20, beat: 200, deadline: 60_000 },
  onWarning: message => console.log(message),
  onLost: () => {},
});
hub.start({ run: 'this-run', random: true, layout: [{ name: 'x', width: 2, ranges: [{ low: -1, high: 1 }] }] });
hub.publish(1, { actor: new Float32Array(10_000) });
let known = 0;
setInterval(() => {
  if (hub.routes.size === known) return;
  known = hub.routes.size;
  console.log(`connected ${known}`);
}, 50);
