import { resolve } from 'node:path';
import { UsageError } from '../common/errors.ts';
import type { Selection } from '../demos/index.ts';
import type { SimulatorChoice, TrainOptions, TrustOptions } from '../training/index.ts';
import type { OptionSpecs, RUNS_OPTION, Values } from './command.ts';
import type { Output } from './output.ts';
import { parsePairs } from './values.ts';

/** Options that say which trained policy is meant. */
export const POLICY_OPTIONS = {
  run: { type: 'string', describe: 'the run, by name or path', defaultText: 'the latest' },
  checkpoint: {
    type: 'string',
    describe: 'which of its checkpoints: best, last, a number of environment steps, or a file',
    defaultText: "the one of the run's final evaluation",
  },
  policy: { type: 'string', describe: 'a checkpoint file, instead of a run' },
} as const satisfies OptionSpecs;

/** Throws UsageError if the folder of runs is given for a policy that is in a file. */
export function checkPolicyChoice(given: Values<typeof POLICY_OPTIONS & typeof RUNS_OPTION>): void {
  if (given.policy !== undefined && given['runs-dir'] !== undefined)
    throw new UsageError(
      '--policy is a checkpoint file, and --runs-dir is where runs are found by name. Give one of them.',
    );
}

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
    describe: 'named observations of a file that are read, side by side, such as a,b; demos inspect lists them',
    defaultText: 'all vectors by name; the only vector beside images',
  },
} as const satisfies OptionSpecs;

/** Options of connecting to a simulator, or starting one. */
const SIMULATOR_PLACE = {
  address: { type: 'string', describe: 'a running CoppeliaSim to connect to, such as tcp://127.0.0.1:23000' },
  coppeliasim: {
    type: 'string',
    describe: 'the CoppeliaSim to start: its folder',
    defaultText: 'COPPELIASIM_ROOT_DIR, or on the PATH',
  },
  scene: {
    type: 'string',
    describe:
      'scene to load: .ttt for coppeliasim; for mujoco MuJoCo XML, with its files in its folder (docs/scenes.md)',
  },
  'scene-file': {
    type: 'string',
    describe: 'which object is which in a scene of CoppeliaSim (.scene.json)',
    defaultText: 'the one of the package that fits',
  },
} as const satisfies OptionSpecs;

/** Options that say which simulator steps the physics; `by` says which one it is by default. */
export function simulatorOptions<const By extends string>(by: By) {
  return {
    simulator: { type: 'string', describe: 'simulator: mujoco (embedded) or coppeliasim', defaultText: by },
    ...SIMULATOR_PLACE,
  } as const satisfies OptionSpecs;
}

/** The option of using code that only data names. */
export const TRUST_OPTION = {
  trust: {
    type: 'list',
    describe:
      'a file or folder of yours: a policy module, CoppeliaSim or CoppeliaSim scene there is used even if only a run, checkpoint or learner names it; may be repeated',
    defaultText:
      'modules and scenes inside the working folder, and the CoppeliaSim that is found without --coppeliasim',
  },
} as const satisfies OptionSpecs;

/** The option of showing CoppeliaSim's window, for commands without a page. */
export const WINDOW_OPTION = {
  gui: { type: 'boolean', describe: "show CoppeliaSim's window, with --simulator coppeliasim" },
} as const satisfies OptionSpecs;

type SimulatorValues = Values<ReturnType<typeof simulatorOptions>>;

/** Options that say what is trained, and how. */
export const TRAIN_OPTIONS = {
  env: { type: 'string', describe: 'environment' },
  algo: { type: 'string', describe: 'algorithm' },
  policy: { type: 'string', describe: 'an algorithm of your own: a module that exports it, such as ./my-policy.ts' },
  ...simulatorOptions('mujoco'),
  preset: { type: 'string', describe: 'default, or original: the published task and training' },
  ...ENV_OPTIONS,
  'agent-option': { type: 'list', describe: 'any option of the algorithm, as key=value; may be repeated' },
  seed: { type: 'number', describe: 'random seed' },
  steps: { type: 'number', describe: 'environment steps at most' },
  'until-success': {
    type: 'number',
    describe: 'ends when a confirmed evaluation reaches this success rate; 0: never',
  },
  backend: { type: 'string', describe: 'compute backend: onnx or tfjs' },
  device: { type: 'string', describe: 'device: cpu or gpu' },
  threads: { type: 'number', describe: 'compute threads' },
  utd: { type: 'number', describe: 'updates per environment step' },
  workers: {
    type: 'number',
    describe: 'rollout workers, each a process with its own simulator; 0: all in one process, repeatable bit for bit',
  },
  'envs-per-worker': { type: 'number', describe: 'environments that each worker steps together' },
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
  },
  'demo-weights': {
    type: 'list',
    describe: 'how much is drawn from each file, such as 3,1',
    defaultText: 'by their transitions',
  },
  pretrain: { type: 'number', describe: 'updates that clone the demonstrated behaviour first' },
  'demo-resets': {
    type: 'number',
    describe: 'share of the episodes that start in demonstrated states',
  },
  'demo-cache': {
    type: 'number',
    describe: 'bytes of demonstrations in memory; of more transitions, a uniform sample is drawn',
  },
  'random-steps': { type: 'number', describe: 'steps with random actions first' },
  'buffer-capacity': { type: 'number', describe: 'transitions in the replay buffer' },
  'eval-every': { type: 'number', describe: 'environment steps between evaluations' },
  'eval-episodes': { type: 'number', describe: 'episodes of such an evaluation' },
  'confirm-episodes': {
    type: 'number',
    describe: 'episodes of the evaluation that confirms success',
  },
  'final-episodes': { type: 'number', describe: 'episodes of the last evaluation' },
  'checkpoint-every': {
    type: 'number',
    describe: 'environment steps between checkpoints',
  },
} as const satisfies OptionSpecs;

/** What was given, as the training understands it; it does the checking. */
export function toTrainOptions(values: Values<typeof TRAIN_OPTIONS> & Values<typeof WINDOW_OPTION>): TrainOptions {
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

/** What may be used although only data names it; lines about it go to the output. */
export function toTrust({ trust }: Values<typeof TRUST_OPTION>, output: Pick<Output, 'line'>): TrustOptions {
  return { ...(trust === undefined ? {} : { trust }), onNotice: message => output.line(message) };
}

/** Throws UsageError if a command without a page is asked for the window of the embedded simulator, which has none. */
export function checkWindow({ gui, simulator }: Values<typeof WINDOW_OPTION> & SimulatorValues): void {
  if (gui === true && simulator !== 'coppeliasim')
    throw new UsageError("--gui shows CoppeliaSim's window here, and needs --simulator coppeliasim. Leave it out.");
}

/** The simulator and its options, where any was chosen. */
export function toSimulatorChoice(values: SimulatorValues & { readonly gui?: boolean }): SimulatorChoice {
  const given = Object.entries({
    address: values.address,
    coppeliasim: values.coppeliasim,
    // Whole paths: workers, and a run that is resumed from another folder, must find them again.
    scene: values.scene && resolve(values.scene),
    sceneFile: values['scene-file'] && resolve(values['scene-file']),
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
