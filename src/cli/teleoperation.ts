import type { DemonstrationMetadata } from '../demos/index.ts';
import type { Box, Env } from '../envs/index.ts';
import type { SimulatorChoice } from '../training/index.ts';
import type { Performance, Pilot } from '../viewer/index.ts';
import { environmentOf, openRecording, type RecordingChoice } from './record-actor.ts';

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
      const { envSpec } = await import('../envs/index.ts');
      const { Hands } = await import('../viewer/index.ts');
      const options: RecordingChoice = { ...choice, policy: policy ?? 'random', seed: 0, noise: 0, around };
      const known = envSpec(await environmentOf(options)).completeOptions?.({}) ?? {};
      const steps = 'maxEpisodeSteps' in known ? { maxEpisodeSteps: EPISODE_STEPS } : {};
      recording = await openRecording({ ...options, envOptions: { ...steps, ...choice.envOptions } });
      const { env, actor } = recording;
      // Throws where there is no arm to be driven.
      new Hands(env);
      const pilot: Pilot = { act: async observation => (await actor(observation)).slice() };
      return {
        env: env as unknown as Env<Box, Box>, // It has an arm, as was just made sure of, and so boxes.
        pilot: policy === undefined ? null : pilot,
        maxEpisodeSteps: Infinity,
      };
    },
    metadata(seed) {
      if (recording === null) throw new TypeError('What was not opened cannot be described.');
      const name = policy === undefined ? 'person' : `${recording.policy}, and a person`;
      return { ...recording.description, policy: { name, noise: 0 }, seed, onlySuccessful: false };
    },
    close: async () => recording?.close(),
  };
}
