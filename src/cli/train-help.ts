import type { TrainConfig } from '../training/index.ts';
import type { OptionHelp, Values } from './command.ts';
import { type TRAIN_OPTIONS, toTrainOptions } from './train-options.ts';

/** What options are called in a training's configuration. */
const CONFIG_KEYS = {
  env: 'env',
  algo: 'algorithm',
  simulator: 'simulator',
  preset: 'preset',
  seed: 'seed',
  steps: 'steps',
  'until-success': 'untilSuccess',
  backend: 'backend',
  device: 'device',
  threads: 'threads',
  utd: 'updatesPerStep',
  workers: 'workers',
  'envs-per-worker': 'envsPerWorker',
  'demo-mode': 'demoMode',
  pretrain: 'pretrain',
  'demo-resets': 'demoResets',
  'demo-cache': 'demoCache',
  'random-steps': 'randomSteps',
  'buffer-capacity': 'bufferCapacity',
  'eval-every': 'evalEvery',
  'eval-episodes': 'evalEpisodes',
  'confirm-episodes': 'confirmEpisodes',
  'final-episodes': 'finalEpisodes',
  'checkpoint-every': 'checkpointEvery',
} as const satisfies Partial<Record<keyof typeof TRAIN_OPTIONS, keyof TrainConfig>>;

/** Options that the defaults depend on. */
const CHOOSING = ['env', 'algo', 'policy', 'preset', 'reward', 'control-mode', 'observation', 'env-option'] as const;

/**
 * What the help of `train` says beside its options: the names in the registries, and the defaults that apply to the
 * environment, algorithm and preset given with `--help`, taken from the configuration that such a training has.
 *
 * Throws UsageError if there is no such training.
 */
export async function trainHelp(values: Values<typeof TRAIN_OPTIONS>): Promise<OptionHelp> {
  const { algorithmLabel, DEFAULT_ALGORITHM, listAlgorithms, loadAlgorithm, PRESET_KEYS, resolveConfig, unusedKeys } =
    await import('../training/index.ts');
  const { envSpec, listEnvs } = await import('../envs/index.ts');
  const given = toTrainOptions(Object.fromEntries(CHOOSING.map(name => [name, values[name]])));
  const { kind } = await loadAlgorithm(given.algorithm ?? DEFAULT_ALGORITHM);
  const standard = resolveConfig({});
  const config = resolveConfig(given, kind);
  envSpec(config.env);
  const unused: readonly string[] = unusedKeys(kind);
  const choice = `${config.env} with ${algorithmLabel(config.algorithm)}`;
  const defaults = Object.entries(CONFIG_KEYS).map(([option, key]) => {
    if (unused.includes(key)) return [option, { defaultText: `not used by ${algorithmLabel(config.algorithm)}` }];
    const dependent = (PRESET_KEYS as readonly string[]).includes(key);
    return [option, { defaultText: dependent ? `${config[key]} for ${choice}` : String(standard[key]) }];
  });
  const named: OptionHelp = Object.fromEntries(defaults);
  return {
    ...named,
    env: {
      ...named.env,
      describe: `environment: ${listEnvs()
        .map(({ id }) => id)
        .join(', ')}`,
    },
    algo: { ...named.algo, describe: `algorithm: ${listAlgorithms().join(', ')}` },
  };
}
