import { expect, test } from 'vitest';
import { decodePoseFrame, encodePoseFrame } from '../../src/viewer/pose-frame.ts';

test('a frame comes back as it was, to the precision of 32-bit floats', () => {
  const poses = [0.1, -0.2, 0.75, 0, 0, Math.SQRT1_2, Math.SQRT1_2, 1, 2, 3, 0, 0, 0, 1];
  const contacts = [0.35, 0.02, 0.8, -1.5, 0, 12.25];
  const marks = [0.3, -0.1, 1, 0.02];
  const bytes = encodePoseFrame(7, 1.35, poses, contacts, marks);
  // 28 of header, 4 for each number.
  expect(bytes.byteLength).toBe(28 + 4 * (14 + 6 + 4));
  const frame = decodePoseFrame(bytes.buffer as ArrayBuffer); // Made for it alone.
  expect(frame.episode).toBe(7);
  expect(frame.time).toBe(1.35);
  expect([...frame.poses]).toEqual(poses.map(Math.fround));
  expect([...frame.contacts]).toEqual(contacts.map(Math.fround));
  expect([...frame.marks]).toEqual(marks.map(Math.fround));
});

test('bytes that are no frame are refused', () => {
  const bytes = encodePoseFrame(0, 0, [0, 0, 0, 0, 0, 0, 1]);
  for (const damaged of [bytes.slice(0, 10), bytes.slice(0, -1), new Uint8Array([...bytes, 0]), new Uint8Array(28)])
    expect(() => decodePoseFrame(damaged.buffer)).toThrow(RangeError);
});
