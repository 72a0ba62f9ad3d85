/*
 * A pose frame, all numbers little-endian:
 *
 *   u32   kind (1)
 *   u32   episode: counts resets, so that nothing is blended across one
 *   f64   simulation time, s
 *   u32   bodies
 *   u32   contacts
 *   f32   bodies × 7: position x y z (m), orientation x y z w
 *   f32   contacts × 6: position x y z (m), force x y z (N), world frame
 */

const KIND = 1;
const HEADER = 24;

/** Where every body is at one instant. */
export interface PoseFrame {
  /** Counts resets. */
  readonly episode: number;
  /** Simulation time, s. */
  readonly time: number;
  /** `[bodies × 7]` */
  readonly poses: Float32Array;
  /** `[contacts × 6]` */
  readonly contacts: Float32Array;
}

/** A frame as bytes; `poses` `[bodies × 7]` and `contacts` `[contacts × 6]` may be of any precision. */
export function encodePoseFrame(
  episode: number,
  time: number,
  poses: ArrayLike<number>,
  contacts: ArrayLike<number> = [],
): Uint8Array {
  const bytes = new Uint8Array(HEADER + 4 * (poses.length + contacts.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, KIND, true);
  view.setUint32(4, episode, true);
  view.setFloat64(8, time, true);
  view.setUint32(16, poses.length / 7, true);
  view.setUint32(20, contacts.length / 6, true);
  for (let i = 0; i < poses.length; i++) view.setFloat32(HEADER + 4 * i, poses[i] as number, true);
  const after = HEADER + 4 * poses.length;
  for (let i = 0; i < contacts.length; i++) view.setFloat32(after + 4 * i, contacts[i] as number, true);
  return bytes;
}

/** Reads a frame. Throws RangeError where the bytes are not one. */
export function decodePoseFrame(buffer: ArrayBuffer): PoseFrame {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER || view.getUint32(0, true) !== KIND) throw new RangeError('not a pose frame');
  const bodies = view.getUint32(16, true);
  const contacts = view.getUint32(20, true);
  if (buffer.byteLength !== HEADER + 28 * bodies + 24 * contacts)
    throw new RangeError('a pose frame of a wrong length');
  const read = (from: number, count: number) =>
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(from + 4 * i, true));
  return {
    episode: view.getUint32(4, true),
    time: view.getFloat64(8, true),
    poses: read(HEADER, 7 * bodies),
    contacts: read(HEADER + 28 * bodies, 6 * contacts),
  };
}
