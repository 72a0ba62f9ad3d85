/*
 * A pose frame, all numbers little-endian:
 *
 *   u32   kind (1)
 *   u32   episode: counts resets, so that nothing is blended across one
 *   f64   simulation time, s
 *   u32   bodies
 *   u32   contacts
 *   u32   marks
 *   f32   bodies × 7: position x y z (m), orientation x y z w
 *   f32   contacts × 6: position x y z (m), force x y z (N), world frame
 *   f32   marks × 4: position x y z (m), radius (m), world frame
 */

const KIND = 1;
const HEADER = 28;

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
  /** `[marks × 4]` */
  readonly marks: Float32Array;
}

/** A frame as bytes; `poses` `[bodies × 7]`, `contacts` `[contacts × 6]` and `marks` `[marks × 4]` may be of any precision. */
export function encodePoseFrame(
  episode: number,
  time: number,
  poses: ArrayLike<number>,
  contacts: ArrayLike<number> = [],
  marks: ArrayLike<number> = [],
): Uint8Array {
  const bytes = new Uint8Array(HEADER + 4 * (poses.length + contacts.length + marks.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, KIND, true);
  view.setUint32(4, episode, true);
  view.setFloat64(8, time, true);
  view.setUint32(16, poses.length / 7, true);
  view.setUint32(20, contacts.length / 6, true);
  view.setUint32(24, marks.length / 4, true);
  let at = HEADER;
  for (const numbers of [poses, contacts, marks])
    for (let i = 0; i < numbers.length; i++, at += 4) view.setFloat32(at, numbers[i] as number, true);
  return bytes;
}

/** Reads a frame. Throws RangeError where the bytes are not one. */
export function decodePoseFrame(buffer: ArrayBuffer): PoseFrame {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER || view.getUint32(0, true) !== KIND) throw new RangeError('not a pose frame');
  const bodies = view.getUint32(16, true);
  const contacts = view.getUint32(20, true);
  const marks = view.getUint32(24, true);
  if (buffer.byteLength !== HEADER + 28 * bodies + 24 * contacts + 16 * marks)
    throw new RangeError('a pose frame of a wrong length');
  const read = (from: number, count: number) =>
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(from + 4 * i, true));
  return {
    episode: view.getUint32(4, true),
    time: view.getFloat64(8, true),
    poses: read(HEADER, 7 * bodies),
    contacts: read(HEADER + 28 * bodies, 6 * contacts),
    marks: read(HEADER + 28 * bodies + 24 * contacts, 4 * marks),
  };
}
