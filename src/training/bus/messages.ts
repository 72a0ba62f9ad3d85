import * as z from 'zod';

/** Both sides must speak the same; it changes whenever a message does. */
export const PROTOCOL = 1;

/** Bounds of what is decoded, far above what is sent. */
export const LIMITS = {
  /** Bytes of the first frame. */
  envelope: 4 << 20,
  /** Bytes of any frame; ZeroMQ itself drops a connection that sends more. */
  frame: 64 << 20,
  /** Frames of a message: the envelope and a state's arrays. */
  frames: 257,
  /** Transitions in a message. */
  rows: 1 << 16,
  /** Episodes in a message: each has a row at least. */
  episodes: 1 << 16,
  /** Messages that wait for a worker's socket. */
  waiting: 1_024,
  /** Number of a message, or version of weights. */
  number: 2 ** 48,
  /** What a worker says of its memory. */
  bytes: 2 ** 50,
  /** Process id; Linux has no larger ones than 2²². */
  pid: 2 ** 32,
} as const;

const count = z.int().min(0);
/** Counts messages and versions: no run comes near it, and sums of such numbers are still exact. */
const number = z.int().min(0).max(LIMITS.number);
const bytes = z.int().min(0).max(LIMITS.bytes);
/** Of a run, a connection or a worker: drawn at random, and safe as a key. */
const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const text = z.string().max(4000);
const share = z.number().min(0).max(1);

/** Every message after the handshake says which run and which connection it is of. */
const addressed = { run: id, session: id };

/** What a worker sends. */
const up = {
  /** The first message, and again whenever the learner does not know this connection. */
  hello: z.strictObject({
    kind: z.literal('hello'),
    protocol: z.int(),
    /** The run it worked for before; null at first. */
    run: id.nullable(),
    /** A name of its own for its whole life, drawn at random. */
    worker: id,
    /** What joining takes where there are no keys. */
    secret: z.string().max(128),
    host: z.string().max(255),
    pid: z.int().min(0).max(LIMITS.pid),
  }),
  /** Transitions, in one payload frame: the layout's columns one after the other, each `[rows, width]` float32. */
  experience: z.strictObject({
    kind: z.literal('experience'),
    ...addressed,
    /** Counts a worker's messages of this kind, from 1, through all its connections. */
    seq: number.min(1),
    /** The first one it still holds, for when what came before it was given up. */
    oldest: number.min(1),
    /** Environment steps taken for it. */
    steps: count,
    rows: count.max(LIMITS.rows),
    /** Version of the weights that its last action was chosen with; 0 for random ones. */
    weights: number,
    /** Episodes that ended in it: return, length, success, and how the simulator was lost in it, if it was. */
    episodes: z.array(z.tuple([z.number(), count, z.boolean(), z.string().max(1000)])).max(LIMITS.episodes),
  }),
  /** Weights of that version are in use. */
  got: z.strictObject({ kind: z.literal('got'), ...addressed, version: number }),
  /** Once a second: it lives, and what it does with its time. */
  beat: z.strictObject({
    kind: z.literal('beat'),
    ...addressed,
    /** Shares of the time since the last beat. */
    simulating: share,
    acting: share,
    waiting: share,
    /** Resident memory, bytes. */
    memory: bytes,
    /** Bytes of experience it holds until it is on the learner's disk. */
    retained: bytes,
    /** Experience given up because it would have held too much. */
    dropped: number,
  }),
  /** It goes; `failed` says why, where it must. */
  leave: z.strictObject({
    kind: z.literal('leave'),
    ...addressed,
    reason: z.enum(['done', 'failed', 'diverged']),
    text,
  }),
} as const;

const column = z.strictObject({
  name: z.string().min(1).max(64),
  width: z
    .int()
    .min(1)
    .max(1 << 20),
});

/** What a worker needs to know of the training. */
const job = z.strictObject({
  env: z.string(),
  envOptions: z.record(z.string(), z.unknown()),
  simulator: z.string(),
  simulatorOptions: z.record(z.string(), z.unknown()),
  algorithm: z.string(),
  agentOptions: z.record(z.string(), z.unknown()),
  backend: z.enum(['onnx', 'tfjs']),
  maxEpisodeSteps: z.int().min(1),
  /** Environments each worker steps together. */
  envs: z.int().min(1).max(4096),
});

/** What a learner sends. */
const down = {
  welcome: z.strictObject({
    kind: z.literal('welcome'),
    protocol: z.int(),
    ...addressed,
    /** Number of the worker in its run, from 0. */
    index: count,
    /** All its randomness comes from here. */
    seed: count,
    /** The last message that is in the replay; what follows is to be sent again. */
    received: count,
    /** Environment steps in a message, and in all messages under way. */
    chunk: z.int().min(1),
    window: z.int().min(1),
    /** Whether it begins with random actions, until there are weights. */
    random: z.boolean(),
    layout: z.array(column).min(1).max(64),
    job,
    /** Between two beats, and how long either side may be silent, ms. */
    beat: z.int().min(1),
    deadline: z.int().min(1),
    /** Bytes of unacknowledged experience that it may hold. */
    retain: z.int().min(1),
  }),
  /** After each message that was learned from, and with every beat. */
  ack: z.strictObject({
    kind: z.literal('ack'),
    ...addressed,
    /** The last message that arrived in order. */
    accepted: count,
    /** The last one that is in the replay and learned from: it makes room for the next. */
    received: count,
    /** The last one that a checkpoint on disk holds: it may be forgotten. */
    durable: count,
    /** Something is missing after `accepted`: send again what follows it. */
    gap: z.boolean(),
  }),
  /** Newer weights: a state's tree and what its arrays are, which follow as frames. */
  weights: z.strictObject({
    kind: z.literal('weights'),
    ...addressed,
    version: number.min(1),
    tree: z.unknown(),
    arrays: z
      .array(
        z.strictObject({
          type: z.enum(['float32', 'float64', 'int32', 'uint32', 'uint8']),
          length: z.int().min(0).max(LIMITS.frame),
        }),
      )
      .max(LIMITS.frames - 1),
  }),
  /** The learner does not know this connection: say hello. */
  unknown: z.strictObject({ kind: z.literal('unknown') }),
  refused: z.strictObject({ kind: z.literal('refused'), text }),
  /** The training is over for this worker. */
  bye: z.strictObject({ kind: z.literal('bye'), ...addressed, text }),
} as const;

export const upSchema = z.discriminatedUnion('kind', [up.hello, up.experience, up.got, up.beat, up.leave]);
export const downSchema = z.discriminatedUnion('kind', [
  down.welcome,
  down.ack,
  down.weights,
  down.unknown,
  down.refused,
  down.bye,
]);

export type UpMessage = z.output<typeof upSchema>;
export type DownMessage = z.output<typeof downSchema>;
export type Hello = z.output<typeof up.hello>;
export type Experience = z.output<typeof up.experience>;
export type Beat = z.output<typeof up.beat>;
export type Welcome = z.output<typeof down.welcome>;
export type Ack = z.output<typeof down.ack>;
export type WeightsMessage = z.output<typeof down.weights>;
export type Job = z.output<typeof job>;
export type Column = z.output<typeof column>;
