import { NStepAccumulator } from '../../agents/index.ts';
import { closeAfter } from '../../common/close-all.ts';
import { UsageError } from '../../common/errors.ts';
import type { Random } from '../../common/random.ts';
import {
  actionSize,
  type CheckedFile,
  checkWeights,
  DemonstrationMismatchError,
  describeEnv,
  type Episode,
  observationSize,
  openCheckedDemonstrations,
  replayEpisode,
} from '../../demos/index.ts';
import { type Box, type Env, flatSize } from '../../envs/index.ts';
import { type DemonstrationGroup, Demonstrations } from './demonstrations.ts';
import type { DemonstrationsConfig } from './options.ts';
import { TransitionReservoir, transitionBytes } from './reservoir.ts';
import { DemonstratedStarts } from './starts.ts';

export interface LoadContext {
  readonly config: DemonstrationsConfig & {
    readonly env: string;
    readonly envOptions: Readonly<Record<string, unknown>>;
    readonly simulator: string;
    readonly bufferCapacity: number;
  };
  /** What is trained in; episodes are played again in it where the file is of other options. */
  readonly env: Env<Box, Box>;
  /** What transitions are made with: those of the replay buffer. */
  readonly gamma: number;
  readonly nStep: number;
  /** Decides what is kept where not all can be. */
  readonly random: Random;
}

/** What was read of one file. */
interface FileReport {
  readonly path: string;
  readonly episodes: number;
  readonly successes: number;
  readonly warnings: readonly string[];
}

/**
 * Loads the configuration's demonstrations; null where it names none.
 *
 * Throws DemonstrationMismatchError where a file is of something else, DemonstrationFileError for a damaged one, UsageError
 * where what was asked for cannot be had.
 */
export async function loadTrainingDemonstrations(context: LoadContext): Promise<Demonstrations | null> {
  const { config } = context;
  const { demos, demoWeights, demoResets, demoMode, pretrain } = config;
  if (demos.length === 0) return null;
  checkWeights(demoWeights, demos.length);
  const groups: DemonstrationGroup[] = [];
  const reports: FileReport[] = [];
  // Without weights every transition counts the same, whichever file it is of: they are one group.
  const total = demoWeights?.reduce((sum, weight) => sum + weight, 0) ?? 1;
  for (const [i, file] of demos.entries()) {
    const share = demoWeights === undefined ? 1 : (demoWeights[i] as number) / total;
    if (share === 0) continue;
    const shared = demoWeights === undefined ? groups[0] : undefined;
    const group = shared ?? makeGroup(context, share);
    if (shared === undefined) groups.push(group);
    reports.push(await readFile(context, file.path, group));
  }
  if (groups.every(({ transitions }) => transitions.size === 0))
    throw new UsageError(
      `There is nothing to learn from in ${demos.map(({ path }) => path).join(', ')}: no transitions. Record some episodes, or leave --demos out.`,
    );
  const demonstrations = new Demonstrations({
    ...{ mode: demoMode, groups, resets: demoResets, pretrain },
    description: describe(groups, reports),
    warnings: reports.flatMap(({ warnings }) => warnings),
  });
  if (demoResets > 0 && groups.every(({ starts }) => starts.size === 0))
    throw new UsageError(
      'Episodes cannot start in demonstrated states: no demonstration says how it began. Record some here, or leave --demo-resets out.',
    );
  return demonstrations;
}

function makeGroup({ config, env, random }: LoadContext, share: number): DemonstrationGroup {
  const sizes = { observationSize: flatSize(env.observationSpace), actionSize: flatSize(env.actionSpace) };
  const cached = Math.floor((config.demoCache * share) / transitionBytes(sizes));
  // Preloaded transitions are held by the replay buffer, which overwrites what is too many.
  const most = config.demoMode === 'preload' ? Math.floor(config.bufferCapacity * share) : Number.POSITIVE_INFINITY;
  const capacity = Math.max(1, Math.min(cached, most));
  return {
    share,
    transitions: new TransitionReservoir({ ...sizes, capacity, random: random.fork() }),
    starts: new DemonstratedStarts(random.fork()),
  };
}

async function readFile(context: LoadContext, path: string, group: DemonstrationGroup): Promise<FileReport> {
  const { config, env, gamma, nStep } = context;
  const { env: id, envOptions: options, simulator } = config;
  const general = env as unknown as Env; // Only described, and played with what fits its spaces.
  const file = await openCheckedDemonstrations(path, describeEnv(general, { id, options, simulator }), undefined, {
    split: config.demoSplit,
    observationKeys: config.demoObservationKeys,
  });
  const sizes = { observationSize: flatSize(env.observationSpace), actionSize: flatSize(env.actionSpace) };
  const accumulator = new NStepAccumulator({ ...sizes, steps: nStep, gamma, buffer: group.transitions });
  const again = file.optionDifferences.length > 0;
  const count = { episodes: 0, successes: 0, recorded: 0 };
  return closeAfter(async () => {
    for await (const recorded of file.episodes()) {
      const episode = again ? await playAgain(file, general, recorded) : recorded;
      addEpisode(episode, accumulator);
      group.starts.add(episode);
      count.episodes++;
      if (episode.success) count.successes++;
      if (recorded.success) count.recorded++;
    }
    const warnings = file.notes.map(note => `The demonstrations ${path}: ${note}.`);
    if (file.incomplete !== null) warnings.push(`The demonstrations ${path} are not whole: ${file.incomplete}.`);
    if (again)
      warnings.push(
        `The demonstrations ${path} are of other options (${file.optionDifferences.join('; ')}): ` +
          `they were played again with those of this training, and ${count.successes} of ${count.episodes} succeeded (${count.recorded} when recorded).`,
      );
    return { path, episodes: count.episodes, successes: count.successes, warnings };
  }, file);
}

/** An episode as it goes with the options of this training: its rewards and its end may be others. */
async function playAgain({ path, optionDifferences }: CheckedFile, env: Env, recorded: Episode): Promise<Episode> {
  if (recorded.start === null)
    throw new DemonstrationMismatchError(
      `The demonstrations in ${path} are of other options: ${optionDifferences.join('; ')}. An episode does not say how it began, so it cannot be played again with those of this training. Train with the options they are of.`,
    );
  return (await replayEpisode(env, recorded)).episode;
}

/** Turns an episode into transitions; where a step does not follow the one before, the sum of rewards ends. */
function addEpisode(episode: Episode, accumulator: NStepAccumulator): void {
  const { length, observations, nextObservations, actions, rewards, end } = episode;
  const [size, width] = [observationSize(episode), actionSize(episode)];
  for (let step = 0; step < length; step++) {
    const last = step === length - 1;
    const nextObservation = nextObservations.subarray(step * size, (step + 1) * size);
    const following = observations.subarray((step + 1) * size, (step + 2) * size);
    accumulator.add({
      observation: observations.subarray(step * size, (step + 1) * size),
      action: actions.subarray(step * width, (step + 1) * width),
      reward: rewards[step] as number,
      nextObservation,
      terminated: last && end === 'terminated',
      truncated: last ? end === 'truncated' : nextObservation.some((value, i) => value !== following[i]),
    });
  }
}

function describe(groups: readonly DemonstrationGroup[], reports: readonly FileReport[]): string {
  const sum = (of: (item: DemonstrationGroup) => number) => groups.reduce((total, group) => total + of(group), 0);
  const [held, seen] = [sum(({ transitions }) => transitions.size), sum(({ transitions }) => transitions.seen)];
  const episodes = reports.reduce((total, report) => total + report.episodes, 0);
  const files = reports.length === 1 ? '' : ` in ${reports.length} files`;
  const sampled = held === seen ? '' : `, of which ${held} were drawn uniformly: more do not fit`;
  return `${episodes} episodes${files}, ${seen} transitions${sampled}`;
}
