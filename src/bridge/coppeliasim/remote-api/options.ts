import * as z from 'zod';

/** How to talk to a simulator's remote API; times in s. */
export const remoteApiOptions = z.strictObject({
  address: z
    .string()
    .default('tcp://127.0.0.1:23000')
    .describe('where its remote API listens; CoppeliaSim: 23000 and the number of the instance'),
  timeout: z.number().positive().max(86_400).default(30).describe('how long a call may take'),
  connectTimeout: z.number().positive().max(86_400).default(5).describe('how long the first answer may take'),
  clientTimeout: z
    .number()
    .min(1)
    .max(86_400)
    .default(30)
    .describe('after so much silence the simulator forgets this client and the steps it holds'),
  maxReplyBytes: z
    .int()
    .positive()
    .default(64 << 20)
    .describe('longer replies are refused'),
});

export type RemoteApiOptions = z.input<typeof remoteApiOptions>;
export type ResolvedRemoteApiOptions = z.output<typeof remoteApiOptions>;
