import { type Experience, type Job, MessageRefused } from '../bus/index.ts';
import { BOUNDS } from './ranges.ts';

/**
 * Checks the counts of a message of experience against each other: its numbers are checked by {@link checkRanges}.
 *
 * @param window environment steps that may be under way from one worker
 * Throws MessageRefused naming the first that cannot be.
 */
export function checkExperience(message: Experience, job: Pick<Job, 'envs' | 'maxEpisodeSteps'>, window: number): void {
  const { seq, oldest, steps, rows, episodes } = message;
  const refuse = (text: string) => {
    throw new MessageRefused('out of range', text);
  };
  if (oldest > seq) refuse(`message ${seq} claims that the oldest one that is kept is ${oldest}.`);
  // Updates are owed for each of them.
  if (steps > 4 * window) refuse(`one message claims ${steps} environment steps, and ${window} may be under way.`);
  // Each step makes one row at most; those of the episodes under way may come later, with the last step.
  const most = steps + job.envs * job.maxEpisodeSteps;
  if (rows > most) refuse(`${steps} environment steps cannot make ${rows} rows.`);
  if (episodes.length > steps) refuse(`${episodes.length} episodes cannot end in ${steps} environment steps.`);
  for (const [total, length] of episodes) {
    if (length < 1 || length > job.maxEpisodeSteps)
      refuse(`an episode of ${length} steps was sent, and episodes have 1 to ${job.maxEpisodeSteps}.`);
    if (!(Math.abs(total) <= length * BOUNDS.reward)) refuse(`an episode of ${length} steps has the return ${total}.`);
  }
}
