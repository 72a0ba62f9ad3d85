import type { SceneDescription } from '../bridge/simulator.ts';

/*
 * What server and page say to each other: JSON texts over one WebSocket, and pose frames as binary messages from the
 * server. Nothing but data here: the page is built from this file too.
 */

/** Must be the same on both sides. */
export const PROTOCOL_VERSION = 2;

/** Runs that a page may follow at once. */
export const MAX_RUNS = 100;
/** The longest name of one: a path, PATH_MAX of Linux. */
export const MAX_RUN_NAME = 4096;

/** The server's first message. */
export interface Hello {
  readonly type: 'hello';
  readonly protocol: number;
  readonly title: string;
  /** What is to be shown in 3-D; null where there is nothing. */
  readonly scene: SceneDescription | null;
  /** Whether episodes can be paused, stepped, restarted … */
  readonly playback: boolean;
  /** Whether a person may drive the arm. */
  readonly teleoperation: boolean;
  /** Whether there is a policy to take over from, and to hand back to. */
  readonly handingBack: boolean;
  /** Whether episodes driven by a person can be saved. */
  readonly recording: boolean;
  /** Whether there are runs to be compared. */
  readonly training: boolean;
  /** A video that the page is to make of the frames that follow; null where it is to be looked at. */
  readonly video: VideoOrder | null;
  /** Names of an action's numbers; empty where nobody says. */
  readonly actionNames: readonly string[];
  /** Lowest and highest angle of each joint, rad; empty where there is no arm. */
  readonly jointLimits: readonly (readonly [number, number])[];
}

export interface VideoOrder {
  readonly format: 'mp4' | 'webm' | 'gif';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Pictures a second. */
  readonly rate: number;
  /** Simulated time between two pose frames, s. */
  readonly period: number;
  /** Pose frames that follow. */
  readonly frames: number;
}

/** The episode under way, as of its last step. */
export interface EpisodeStatus {
  readonly type: 'episode';
  /** Counted from 1. */
  readonly number: number;
  /** How many will be played; null: no end. */
  readonly total: number | null;
  readonly seed: number;
  /** Environment steps so far. */
  readonly step: number;
  readonly reward: number;
  /** Sum of the rewards. */
  readonly return: number;
  readonly success: boolean;
  readonly over: boolean;
  /** Episodes that ended so far and how many of them succeeded. */
  readonly finished: number;
  readonly successes: number;
  /** Normalized; empty before the first step. */
  readonly action: readonly number[];
  /** rad */
  readonly joints: readonly number[];
  /** Free distance between the pads, m. */
  readonly opening: number;
  /** What the critic expects from here; null where the policy has none. */
  readonly value: number | null;
  /** Standard deviation of each number of the action, before squashing; null where the policy does not say. */
  readonly deviation: readonly number[] | null;
  readonly driver: 'policy' | 'person';
  /** Whether time stands still until a person moves. */
  readonly waiting: boolean;
  readonly paused: boolean;
  readonly speed: number;
  readonly recording: RecordingStatus | null;
}

/** The recording of the episode under way. */
export interface RecordingStatus {
  readonly on: boolean;
  /** Steps kept, and how many of them a person drove. */
  readonly steps: number;
  readonly driven: number;
  /** Episodes saved so far. */
  readonly saved: number;
  /** Whether an episode has ended and must be saved or discarded. */
  readonly undecided: boolean;
}

/** One run that can be shown. */
export interface RunInfo {
  readonly name: string;
  readonly env: string;
  readonly algorithm: string;
  readonly seed: number;
  /** Whether it has ended. */
  readonly finished: boolean;
}

export interface RunList {
  readonly type: 'runs';
  readonly runs: readonly RunInfo[];
}

/** Values over environment steps, by name; one value for each step, null where there is none. */
export interface MetricSeries {
  readonly steps: readonly number[];
  readonly values: readonly (number | null)[];
}

/** More of a run's metrics: what was added since the last such message, or all of it. */
export interface RunMetrics {
  readonly type: 'metrics';
  readonly run: string;
  /** Whether what was sent before is void. */
  readonly reset: boolean;
  readonly series: Readonly<Record<string, MetricSeries>>;
}

/** How a training stands right now: names and values for people, in order. */
export interface TrainingStatus {
  readonly type: 'training';
  readonly rows: readonly (readonly [name: string, value: string])[];
  /** Share done, 0 … 1. */
  readonly done: number;
}

export interface Notice {
  readonly type: 'notice';
  readonly level: 'info' | 'error';
  readonly text: string;
}

/** Nothing more will come. */
export interface Goodbye {
  readonly type: 'goodbye';
  readonly text: string;
}

export type ServerMessage = Hello | EpisodeStatus | RunList | RunMetrics | TrainingStatus | Notice | Goodbye;

/** What a person wants the arm to do, each in [-1, 1] of the greatest speed. */
export interface Drive {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly turn: number;
  /** −1 closes, 1 opens, 0 leaves the gripper as it was told. */
  readonly gripper: number;
}

export type ClientMessage =
  | { readonly type: 'pause'; readonly paused: boolean }
  | { readonly type: 'step' }
  | { readonly type: 'speed'; readonly speed: number }
  | { readonly type: 'restart' }
  | { readonly type: 'seed'; readonly seed: number }
  | { readonly type: 'take_over'; readonly active: boolean }
  | ({ readonly type: 'drive' } & Drive)
  /** Where the tip is dragged to (m, world frame); null lets go. */
  | { readonly type: 'drag'; readonly position: readonly [number, number, number] | null }
  | { readonly type: 'record'; readonly action: 'on' | 'off' | 'save' | 'discard' }
  /** How many pictures of the video that was ordered are made. */
  | { readonly type: 'filmed'; readonly pictures: number }
  /** Names of the runs whose metrics are wanted, {@link MAX_RUNS} at most. */
  | { readonly type: 'select'; readonly runs: readonly string[] };
