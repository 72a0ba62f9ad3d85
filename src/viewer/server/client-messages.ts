import * as z from 'zod';
import { type ClientMessage, MAX_RUN_NAME, MAX_RUNS } from '../protocol.ts';

/** Longest message taken from a page, bytes: the longest names of as many runs as it may follow. */
export const MAX_MESSAGE_BYTES = 512 << 10;

const share = z.number().min(-1).max(1);
const coordinate = z.number().min(-10).max(10);

const schema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('pause'), paused: z.boolean() }),
  z.strictObject({ type: z.literal('step') }),
  z.strictObject({ type: z.literal('speed'), speed: z.number().min(0.01).max(1000) }),
  z.strictObject({ type: z.literal('restart') }),
  z.strictObject({ type: z.literal('seed'), seed: z.int().min(0).max(4294967295) }),
  z.strictObject({ type: z.literal('take_over'), active: z.boolean() }),
  z.strictObject({ type: z.literal('drive'), x: share, y: share, z: share, turn: share, gripper: share }),
  z.strictObject({
    type: z.literal('drag'),
    position: z.tuple([coordinate, coordinate, coordinate]).nullable(),
  }),
  z.strictObject({ type: z.literal('record'), action: z.enum(['on', 'off', 'save', 'discard']) }),
  z.strictObject({ type: z.literal('filmed'), pictures: z.int().min(0) }),
  z.strictObject({ type: z.literal('select'), runs: z.array(z.string().max(MAX_RUN_NAME)).max(MAX_RUNS) }),
]);

/** Reads a page's message; null where it is not one. */
export function parseClientMessage(text: string): ClientMessage | null {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
