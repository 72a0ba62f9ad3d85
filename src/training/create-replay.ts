import { ReplayBuffer } from '../agents/index.ts';
import { availableMemory } from '../common/available-memory.ts';
import { UsageError } from '../common/errors.ts';

/**
 * Creates the replay buffer of a training.
 *
 * Throws UsageError if it is larger than the memory of this machine: it would be allocated, and the process killed once
 * the buffer fills up.
 */
export function createReplay(
  sizes: { readonly observationSize: number; readonly actionSize: number },
  capacity: number,
  available = availableMemory(),
): ReplayBuffer {
  // Two observations, an action, a reward and a discount.
  const each = Float32Array.BYTES_PER_ELEMENT * (2 * sizes.observationSize + sizes.actionSize + 2);
  if (capacity * each <= available) return new ReplayBuffer({ ...sizes, capacity });
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;
  throw new UsageError(
    `A replay buffer of ${capacity.toLocaleString('en-US')} transitions needs ${megabytes(capacity * each)} of memory, and ${megabytes(available)} are available. ` +
      `Ask for a smaller --buffer-capacity: at most ${Math.floor(available / each).toLocaleString('en-US')} fit.`,
  );
}
