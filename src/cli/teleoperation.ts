import { UsageError } from '../common/errors.ts';
import type { DemonstrationMetadata } from '../demos/index.ts';
import type { Box, Env } from '../envs/index.ts';
import type { SimulatorChoice } from '../training/index.ts';
import type { Performance, Pilot } from '../viewer/index.ts';
import { openRecording, type RecordingChoice } from './record-actor.ts';

/** Steps of an episode driven by hand, where nothing else was chosen: people are slower than policies. */
const EPISODE_STEPS = 300;

export interface TeleoperationChoice extends SimulatorChoice {
  /** Who drives until a person takes over: as for recordings; nobody by default. */
  readonly policy?: string;
  readonly env?: string;
  readonly envOptions: Readonly<Record<string, unknown>>;
  readonly runsDirectory: string;
}

/** An environment to be driven in, and what its demonstrations are of. */
export interface Teleoperation {
  open(around: NonNullable<SimulatorChoice['around']>): Promise<Performance>;
  /** Once it is open. */
  metadata(seed: number): Omit<DemonstrationMetadata, 'software'>;
  close(): Promise<void>;
}

export function openTeleoperation({ policy, ...choice }: TeleoperationChoice): Teleoperation {
  let recording: Awaited<ReturnType<typeof openRecording>> | null = null;
  return {
    async open(around) {
      const options: RecordingChoice = {
        ...choice,
        envOptions: { maxEpisodeSteps: EPISODE_STEPS, ...choice.envOptions },
        policy: policy ?? 'random',
        seed: 0,
        noise: 0,
        around,
      };
      recording = await openRecording(options);
      const { env, actor } = recording;
      const pilot: Pilot = { act: async observation => (await actor(observation)).slice() };
      return { env: boxes(env), pilot: policy === undefined ? null : pilot, maxEpisodeSteps: Infinity };
    },
    metadata(seed) {
      if (recording === null) throw new TypeError('What was not opened cannot be described.');
      const name = policy === undefined ? 'person' : `${recording.policy}, and a person`;
      return { ...recording.description, policy: { name, noise: 0 }, seed, onlySuccessful: false };
    },
    close: async () => recording?.close(),
  };
}

function boxes(env: Env): Env<Box, Box> {
  if (env.actionSpace.kind === 'box' && env.observationSpace.kind === 'box') return env as unknown as Env<Box, Box>; // Just looked at.
  throw new UsageError('Only an environment with boxes as its spaces can be driven by hand. Use SawyerGrasp-v1, say.');
}
