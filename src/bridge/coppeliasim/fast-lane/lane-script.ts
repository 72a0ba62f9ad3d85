import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { laneVersion } from './messages.ts';

/** The script's text without its configuration. */
const template = fileURLToPath(new URL('../../../../scenes/sawyer-grasp.lua', import.meta.url));

/** The first line of an installed script; its configuration as JSON follows. */
const marker = `-- graspbridge fast lane ${laneVersion} `;

const path = z.string().min(1).max(1000);
const seven = z.array(z.number()).length(7);

/** The objects that the lane works with. */
const objectsSchema = z.strictObject({
  /** Root of the arm's tree: all of it is reset. */
  arm: path,
  joints: z.array(path).length(7),
  tip: path,
  gripper: path,
  leftFingerJoint: path,
  rightFingerJoint: path,
  leftPad: path,
  rightPad: path,
  target: path,
  table: path,
});

const schema = z.strictObject({
  /** On 127.0.0.1. */
  port: z.int().min(1).max(65_535),
  /** After so long without a request the simulation goes on by itself, s. */
  idleSeconds: z.number().positive().max(3600),
  /** Paths in the scene. */
  objects: objectsSchema,
  /** Largest torque of each arm joint, N·m: a scene's own may make no sense. */
  maximumForces: seven,
  /** Highest speed of each arm joint, rad/s: velocities over it are scaled as a whole. */
  maximumVelocities: seven,
  gripper: z.strictObject({
    /** What the finger joints' velocity must be multiplied with so that positive opens. */
    sign: z.union([z.literal(1), z.literal(-1)]),
    /** Largest force of each finger, N. */
    force: z.number().positive(),
    /** Free distance between the pads when fully open, m. */
    maximumOpening: z.number().positive(),
  }),
  /** A contact counts from this force on, N; with 0 every one does. */
  contactForce: z.number().min(0),
});

export type LaneObjects = z.output<typeof objectsSchema>;

/** What a lane's script is installed with. */
export type LaneConfig = z.output<typeof schema>;

/**
 * The script to install: `scenes/sawyer-grasp.lua` under its configuration.
 *
 * Throws a ZodError where the configuration is not one; it is made by this package, from checked scene files.
 */
export function laneScript(config: LaneConfig): string {
  const checked = schema.parse(config);
  return `${marker}${JSON.stringify(checked)}\nlocal config = ${toLua(checked)}\n${readFileSync(template, 'utf8')}`;
}

/** The configuration of a script that {@link laneScript} made, or null for any other text. */
export function readLaneScript(text: string): LaneConfig | null {
  if (!text.startsWith(marker)) return null;
  const end = text.indexOf('\n');
  try {
    return schema.parse(JSON.parse(text.slice(marker.length, end < 0 ? text.length : end)));
  } catch {
    return null;
  }
}

/** A Lua literal of plain data: tables, strings, numbers, booleans. */
function toLua(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(toLua).join(', ')}}`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${key} = ${toLua(item)}`)
      .join(', ')}}`;
  return typeof value === 'string' ? luaString(value) : String(value);
}

/** Bytes beyond plain text go as decimal escapes, so that no path can end the string. */
function luaString(text: string): string {
  const escaped = Array.from(Buffer.from(text, 'utf8'), byte =>
    byte >= 32 && byte < 127 && byte !== 34 && byte !== 92
      ? String.fromCharCode(byte)
      : `\\${String(byte).padStart(3, '0')}`,
  );
  return `"${escaped.join('')}"`;
}
