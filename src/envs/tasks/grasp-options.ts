import * as z from 'zod';
import { parseOptions } from '../../common/options.ts';

/** How much each part of the rewards weighs; `sparse`, `dense` and `augmented` are the published ones. */
export const REWARD_WEIGHTS = {
  /** Only +10 for a grasp and −10 for a fall. */
  sparse: { distance: 0, orientation: 0, table: 0 },
  /** And minus the distance (m), −1 for touching the table. */
  dense: { distance: 1, orientation: 0, table: 1 },
  /** And 0.02 × minus the orientation error (rad). */
  augmented: { distance: 1, orientation: 0.02, table: 1 },
  /** The same parts, weighed so that a block at any angle is learned fast: turning the hand pays from the start. */
  shaped: { distance: 3, orientation: 0.8, table: 1 },
} as const;

const schema = z.strictObject({
  /** `original` is the published task with its quirks; `default` the same task with those mended. */
  preset: z.enum(['default', 'original']).default('default'),
  /** What an action is: seven joint velocities, or a tip displacement and a turn. */
  controlMode: z.enum(['joint_velocity', 'end_position']).default('joint_velocity'),
  /**
   * What counts as grasped: `touch`, both pads press on the block, apart and level; `firm`, they are also flat on two of
   * its sides and deep, so that it comes along when lifted. `preset: original` has a rule of its own.
   */
  grip: z.enum(['touch', 'firm']).default('touch'),
  reward: z.enum(['sparse', 'dense', 'augmented', 'shaped']).optional(),
  /** The target's position. */
  target: z.enum(['fixed', 'random']).optional(),
  /** The target's angle about the vertical; as `target` unless told otherwise, and never random in `original`. */
  yaw: z.enum(['fixed', 'random']).optional(),
  /** The original's 17 numbers (scaled, but for `preset: original`), or 22 relative ones that learn random poses. */
  observation: z.enum(['joint', 'relative']).optional(),
  /** The arm's posture at the start: above the middle of the area, or the original's. */
  start: z.enum(['home', 'original']).optional(),
  /** Each initial joint angle is moved by up to this, rad. */
  startJitter: z.number().min(0).max(0.5).optional(),
  /** Largest joint velocity of an action, rad/s. */
  maxJointVelocity: z.number().positive().max(4).default(1),
  maxEpisodeSteps: z.int().positive().default(30),
});

/** The same options with none left out. */
type Complete<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** Options of `SawyerGrasp-v1`, complete. */
export type GraspOptions = Complete<z.output<typeof schema>>;

/** Fills in what is left out: `original` as published, otherwise random poses seen in relative numbers. */
export function graspOptions(given?: unknown): GraspOptions {
  const parsed = parseOptions(schema, given, 'SawyerGrasp-v1');
  const original = parsed.preset === 'original';
  const target = parsed.target ?? (original ? 'fixed' : 'random');
  const observation = parsed.observation ?? (original ? 'joint' : 'relative');
  return {
    ...parsed,
    reward: parsed.reward ?? (original ? 'augmented' : 'shaped'),
    target,
    // The original's 17 numbers do not show the block's angle, so there it stays fixed unless asked for.
    yaw: parsed.yaw ?? (original || observation === 'joint' ? 'fixed' : target),
    observation,
    start: parsed.start ?? (original ? 'original' : 'home'),
    startJitter: parsed.startJitter ?? (original ? 0 : 0.05),
  };
}
