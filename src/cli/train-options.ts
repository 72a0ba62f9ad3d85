import { resolve } from 'node:path';
import { UsageError } from '../common/errors.ts';
import type { Selection } from '../demos/index.ts';
import type { SimulatorChoice, TrainOptions } from '../training/index.ts';
import type { OptionSpecs, Values } from './command.ts';
import { parsePairs } from './values.ts';

/** Options that say which trained policy is meant. */
export const POLICY_OPTIONS = {
  run: { type: 'string', describe: 'the run, by name or path', defaultText: 'the latest' },
  checkpoint: {
    type: 'string',
    describe: 'which of its checkpoints',
    choices: ['best', 'last'],
    defaultText: "the one of the run's final evaluation",
  },
  policy: { type: 'string', describe: 'a checkpoint file, instead of a run' },
} as const satisfies OptionSpecs;

/** Options that say which variant of an environment is meant. */
export const ENV_OPTIONS = {
  reward: { type: 'string', describe: "the environment's reward, such as dense, sparse, augmented" },
  'control-mode': { type: 'string', describe: 'what an action is: joint_velocity or end_position' },
  observation: { type: 'string', describe: 'what is observed: relative or joint' },
  target: { type: 'string', describe: 'where the target is: random or fixed' },
  'env-option': { type: 'list', describe: 'any option of the environment, as key=value; may be repeated' },
} as const satisfies OptionSpecs;

/** Options that say which part of a demonstration file is read. */
export const SELECTION_OPTIONS = {
  split: {
    type: 'string',
    describe: "only the episodes of this split of an HDF5 file (robomimic's mask/NAME); demos inspect lists them",
    defaultText: 'all episodes',
  },
  'obs-keys': {
    type: 'list',
    describe: 'observations of an HDF5 file that are read, side by side, such as a,b; demos inspect lists them',
    defaultText: 'all vectors by name; a file with images needs a choice',
  },
} as const satisfies OptionSpecs;

/** Options that say which simulator steps the physics. */
export const SIMULATOR_OPTIONS = {
  simulator: { type: 'string', describe: 'simulator: mujoco (embedded) or coppeliasim', defaultText: 'mujoco' },
  address: { type: 'string', describe: 'a running CoppeliaSim to connect to, such as tcp://127.0.0.1:23000' },
  coppeliasim: {
    type: 'string',
    describe: 'the CoppeliaSim to start: its folder',
    defaultText: 'COPPELIASIM_ROOT_DIR, or on the PATH',
  },
  scene: { type: 'string', describe: 'scene to load: .ttt for coppeliasim, MuJoCo XML for mujoco' },
  'scene-file': {
    type: 'string',
    describe: 'which object is which in a scene of CoppeliaSim (.scene.json)',
    defaultText: 'the one of the package that fits',
  },
  gui: { type: 'boolean', describe: "show CoppeliaSim's window, with --simulator coppeliasim" },
} as const satisfies OptionSpecs;

/** Options that say what is trained, and how. */
export const TRAIN_OPTIONS = {
  env: { type: 'string', describe: 'environment', defaultText: 'SawyerGrasp-v1' },
  algo: { type: 'string', describe: 'algorithm: sac or ppo', defaultText: 'sac' },
  policy: { type: 'string', describe: 'an algorithm of your own: a module that exports it, such as ./my-policy.ts' },
  ...SIMULATOR_OPTIONS,
  preset: { type: 'string', describe: 'default, or original: the published task and training', defaultText: 'default' },
  ...ENV_OPTIONS,
  'agent-option': { type: 'list', describe: 'any option of the algorithm, as key=value; may be repeated' },
  seed: { type: 'number', describe: 'where all randomness comes from', defaultText: '1' },
  steps: { type: 'number', describe: 'environment steps at most', defaultText: 'by environment' },
  'until-success': {
    type: 'number',
    describe: 'ends when a confirmed evaluation reaches this success rate; 0: never',
    defaultText: 'by environment',
  },
  backend: { type: 'string', describe: 'what computes: onnx or tfjs', defaultText: 'onnx' },
  device: { type: 'string', describe: 'where it computes: cpu or gpu', defaultText: 'cpu' },
  threads: { type: 'number', describe: 'threads that compute', defaultText: '1' },
  utd: { type: 'number', describe: 'updates per environment step', defaultText: '1' },
  workers: {
    type: 'number',
    describe: 'rollout workers, each a process with its own simulator; 0: all in one process, repeatable bit for bit',
    defaultText: '0',
  },
  'envs-per-worker': { type: 'number', describe: 'environments that each worker steps together', defaultText: '1' },
  listen: { type: 'string', describe: 'where workers from elsewhere may join, such as tcp://0.0.0.0:5555' },
  keys: { type: 'string', describe: "the learner's key file, for workers of other machines (keys new makes one)" },
  demos: {
    type: 'list',
    describe: 'a file of demonstrations to learn from (.json, .jsonl, .pickle, .hdf5); may be repeated',
  },
  ...SELECTION_OPTIONS,
  'demo-mode': {
    type: 'string',
    describe: 'mix: half of every batch; preload: first in the replay buffer; original: all in every batch',
    choices: ['mix', 'preload', 'original'],
    defaultText: 'mix',
  },
  'demo-weights': {
    type: 'list',
    describe: 'how much is drawn from each file, such as 3,1',
    defaultText: 'by their transitions',
  },
  pretrain: { type: 'number', describe: 'updates that clone the demonstrated behaviour first', defaultText: '0' },
  'demo-resets': {
    type: 'number',
    describe: 'share of the episodes that start in demonstrated states',
    defaultText: '0',
  },
  'demo-cache': {
    type: 'number',
    describe: 'bytes of demonstrations in memory; of more transitions, a uniform sample is drawn',
    defaultText: '268435456',
  },
  'random-steps': { type: 'number', describe: 'steps with random actions first', defaultText: 'by environment' },
  'buffer-capacity': { type: 'number', describe: 'transitions in the replay buffer', defaultText: 'by environment' },
  'eval-every': { type: 'number', describe: 'environment steps between evaluations', defaultText: 'by environment' },
  'eval-episodes': { type: 'number', describe: 'episodes of such an evaluation', defaultText: 'by environment' },
  'confirm-episodes': {
    type: 'number',
    describe: 'episodes of the evaluation that confirms success',
    defaultText: 'by environment',
  },
  'final-episodes': { type: 'number', describe: 'episodes of the last evaluation', defaultText: '200' },
  'checkpoint-every': {
    type: 'number',
    describe: 'environment steps between checkpoints',
    defaultText: 'by environment',
  },
} as const satisfies OptionSpecs;

/** What was given, as the training understands it; it does the checking. */
export function toTrainOptions(values: Values<typeof TRAIN_OPTIONS>): TrainOptions {
  const envOptions = toEnvOptions(values);
  const agentOptions = parsePairs('agent-option', values['agent-option']);
  const options: Record<Exclude<keyof TrainOptions & string, keyof SimulatorChoice>, unknown> = {
    env: values.env,
    envOptions: Object.keys(envOptions).length === 0 ? undefined : envOptions,
    ...toSimulatorChoice(values),
    algorithm: toAlgorithm(values),
    agentOptions: Object.keys(agentOptions).length === 0 ? undefined : agentOptions,
    preset: values.preset,
    backend: values.backend,
    device: values.device,
    threads: values.threads,
    seed: values.seed,
    steps: values.steps,
    untilSuccess: values['until-success'],
    evalEvery: values['eval-every'],
    evalEpisodes: values['eval-episodes'],
    confirmEpisodes: values['confirm-episodes'],
    finalEpisodes: values['final-episodes'],
    checkpointEvery: values['checkpoint-every'],
    keepCheckpoints: undefined,
    logEvery: undefined,
    bufferCapacity: values['buffer-capacity'],
    randomSteps: values['random-steps'],
    updatesPerStep: values.utd,
    demos: values.demos,
    demoSplit: values.split,
    demoObservationKeys: toNames('obs-keys', values['obs-keys']),
    demoMode: values['demo-mode'],
    demoWeights: toNumbers('demo-weights', values['demo-weights']),
    pretrain: values.pretrain,
    demoResets: values['demo-resets'],
    demoCache: values['demo-cache'],
    maxEpisodeSteps: undefined,
    workers: values.workers,
    envsPerWorker: values['envs-per-worker'],
    listen: values.listen,
    keys: values.keys,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as TrainOptions; // Texts become choices there, where they are checked.
}

/** The part of a demonstration file that is read. */
export function toSelection(values: Values<typeof SELECTION_OPTIONS>): Selection {
  return { split: values.split, observationKeys: toNames('obs-keys', values['obs-keys']) };
}

/** Names with commas between them, in one text or several. */
function toNames(option: string, texts: readonly string[] | undefined): string[] | undefined {
  return texts
    ?.flatMap(text => text.split(','))
    .map(text => {
      const name = text.trim();
      if (name === '') throw new UsageError(`--${option} needs names such as a,b, but got "${texts.join(' ')}".`);
      return name;
    });
}

/** Numbers with commas between them, in one text or several. */
function toNumbers(option: string, texts: readonly string[] | undefined): number[] | undefined {
  return texts
    ?.flatMap(text => text.split(','))
    .map(text => {
      const number = text.trim() === '' ? Number.NaN : Number(text);
      if (Number.isNaN(number)) throw new UsageError(`--${option} needs numbers such as 3,1, but got "${text}".`);
      return number;
    });
}

/** An algorithm's name, or the whole path of a module: a run that goes on elsewhere must find it again. */
function toAlgorithm({ algo, policy }: Values<Pick<typeof TRAIN_OPTIONS, 'algo' | 'policy'>>): string | undefined {
  if (algo !== undefined && policy !== undefined)
    throw new UsageError('Both --algo and --policy say what the algorithm is. Give one of them.');
  return policy === undefined ? algo : resolve(policy);
}

/** Throws UsageError where a command that has no page is to show the embedded simulator, which has no window. */
export function checkWindow({ gui, simulator }: Values<typeof SIMULATOR_OPTIONS>): void {
  if (gui === true && simulator !== 'coppeliasim')
    throw new UsageError(
      "--gui shows CoppeliaSim's window here, and needs --simulator coppeliasim. Pages are shown by train, test and teleoperate.",
    );
}

/** The simulator and its options, where any was chosen. */
export function toSimulatorChoice(values: Values<typeof SIMULATOR_OPTIONS>): SimulatorChoice {
  const given = Object.entries({
    address: values.address,
    coppeliasim: values.coppeliasim,
    scene: values.scene,
    sceneFile: values['scene-file'],
    // With the embedded simulator it means the page.
    gui: values.simulator === 'coppeliasim' ? values.gui : undefined,
  }).filter(([, value]) => value !== undefined);
  return {
    ...(values.simulator === undefined ? {} : { simulator: values.simulator }),
    ...(given.length === 0 ? {} : { simulatorOptions: Object.fromEntries(given) }),
  };
}

/** The environment's options: the ones with names of their own, and the rest as given. */
export function toEnvOptions(values: Values<typeof ENV_OPTIONS>): Record<string, unknown> {
  const named = {
    reward: values.reward,
    controlMode: values['control-mode'],
    observation: values.observation,
    target: values.target,
  };
  return {
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
    ...parsePairs('env-option', values['env-option']),
  };
}
