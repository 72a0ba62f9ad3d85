import { describe, expect, test } from 'vitest';
import {
  formatGreeting,
  type LaneRequest,
  type LaneState,
  packHello,
  packRefusal,
  packRequest,
  packState,
  parseGreeting,
  stateLength,
  toBytes,
  toDoubles,
  unpackRequest,
  unpackState,
} from '../../../../src/bridge/coppeliasim/fast-lane/index.ts';
import { MessageError, ProtocolVersionError, SimulationDivergedError } from '../../../../src/bridge/index.ts';
import { Random } from '../../../../src/common/random.ts';

const state: LaneState = {
  time: 0.35,
  jointPositions: Float64Array.of(1, 2, 3, 4, 5, 6, 7),
  jointVelocities: Float64Array.of(-1, -2, -3, -4, -5, -6, -7),
  tip: { position: [0.1, 0.2, 0.3], orientation: [0, 0, 0.6, 0.8] },
  gripper: { position: [0.4, 0.5, 0.6], orientation: [0.6, 0, 0, 0.8] },
  padsCenter: [0.7, 0.8, 0.9],
  gripperOpening: 0.04,
  target: { position: [1, 1.1, 1.2], orientation: [0, 0.6, 0, 0.8] },
  contacts: { leftPadTarget: true, rightPadTarget: false, leftPadTable: false, rightPadTable: true },
  targetDetected: true,
};

describe('a state', () => {
  test.each([true, false, undefined])('arrives as it was sent (target detected: %s)', targetDetected => {
    const sent = { ...state, targetDetected };
    expect(unpackState(toBytes(packState(3, sent)), 3)).toEqual(sent);
  });

  test('arrives whatever the alignment of its bytes', () => {
    const bytes = new Uint8Array(8 * stateLength + 3);
    bytes.set(toBytes(packState(3, state)), 3);
    expect(unpackState(bytes.subarray(3), 3)).toEqual(state);
  });

  test('with anything that is not finite is a simulation that diverged', () => {
    for (let i = 2; i < stateLength; i++) {
      const packed = packState(1, state);
      packed[i] = Number.NaN;
      expect(() => unpackState(toBytes(packed), 1)).toThrow(SimulationDivergedError);
    }
    expect(() => unpackState(toBytes(packRefusal('diverged', 1)), 1)).toThrow(SimulationDivergedError);
  });

  test.each([
    ['of another request', packState(2, state)],
    ['that was refused', packRefusal('badRequest', 1)],
    ['cut short', packState(1, state).subarray(0, 20)],
    ['too long', Float64Array.of(...packState(1, state), 0)],
    ['of an unknown status', packState(1, state).map((x, i) => (i === 0 ? 7 : x))],
    ['that is empty', new Float64Array()],
  ])('%s is an error of the message', (_, packed) => {
    expect(() => unpackState(toBytes(packed), 1)).toThrow(MessageError);
  });

  test('of random bytes is an error, or a state, and nothing else', () => {
    const random = new Random(1);
    for (let i = 0; i < 2000; i++) {
      const bytes = Uint8Array.from({ length: random.integer(8 * stateLength + 20) }, () => random.integer(256));
      expect(() => unpackState(bytes, 1)).toThrow(/fast lane|diverged/);
    }
  });
});

describe('a request', () => {
  const requests: LaneRequest[] = [
    { kind: 'step', sequence: 4, velocities: Float64Array.of(1, 2, 3, 4, 5, 6, 7), gripperVelocity: -0.5 },
    { kind: 'reset', sequence: 5, jointPositions: state.jointPositions, target: state.target, gripperOpening: 0.08 },
    { kind: 'state', sequence: 6 },
    { kind: 'release', sequence: 7 },
    { kind: 'stepToGoal', sequence: 8, goal: state.tip, gripperVelocity: 0.1 },
  ];

  test.each(requests)('$kind arrives as it was sent', request => {
    expect(unpackRequest(toDoubles(packRequest(request)))).toEqual(request);
  });

  test('that greets says its version', () => {
    expect(unpackRequest(toDoubles(packHello()))).toEqual({ kind: 'hello', version: 1 });
  });

  test.each([[[]], [[9, 1]], [[1, 1, 0]], [[3]], [[Number.NaN, 1]]])('%j is none', numbers => {
    expect(unpackRequest(Float64Array.from(numbers))).toBeNull();
  });
});

describe('a greeting', () => {
  const greeting = {
    version: 1,
    period: 0.05,
    tipGoals: true,
    objects: new Map([['tip', { handle: 38, path: '/Sawyer/Sawyer tip' }]]),
    missing: ['target'],
  };
  const bytes = (text: string) => new TextEncoder().encode(text);

  test('arrives as it was sent, and what is not known is passed over', () => {
    expect(parseGreeting(bytes(`${formatGreeting(greeting)}\nmood good`))).toEqual(greeting);
  });

  test.each([
    ['another version', 'graspbridge-lane 2\nperiod 0.05', ProtocolVersionError],
    ['something else', 'HTTP/1.1 400 Bad Request', MessageError],
    ['nothing', '', MessageError],
    ['no period', 'graspbridge-lane 1', MessageError],
    ['a period that cannot be', 'graspbridge-lane 1\nperiod 1e9', MessageError],
    ['far too much', `graspbridge-lane 1\n${'x'.repeat(70_000)}`, MessageError],
  ])('of %s is refused', (_, text, error) => {
    expect(() => parseGreeting(bytes(text))).toThrow(error);
  });
});
