import { type Box, box } from '../spaces.ts';
import type { System } from './classic-env.ts';

const GRAVITY = 10.0;
const MASS = 1.0;
const LENGTH = 1.0;
/** rad/s */
const MAX_SPEED = 8;
/** N·m */
const MAX_TORQUE = 2;
/** s */
const TIME_STEP = 0.05;
export const PENDULUM_STEPS = 200;

const clip = (value: number, bound: number) => Math.max(-bound, Math.min(bound, value));

/** The angle in [-π, π) that points the same way. */
function normalizeAngle(angle: number): number {
  const turn = 2 * Math.PI;
  // JavaScript's remainder has the sign of the dividend, Python's that of the divisor.
  return ((((angle + Math.PI) % turn) + turn) % turn) - Math.PI;
}

/**
 * A pendulum to be swung up and held with a torque too weak to lift it at once.
 *
 * State: angle (rad, 0 upright) and angular velocity (rad/s); observed are the angle's cosine and sine and the
 * velocity. Action: a torque of ±2 N·m. Reward: −(θ² + 0.1 θ̇² + 0.001 τ²). A step is a success while the pendulum
 * stands within 0.2 rad of upright, slower than 1 rad/s.
 *
 * Source: Gymnasium's Pendulum-v1, whose semi-implicit Euler steps these are.
 */
export const pendulum: System<Box> = {
  id: 'Pendulum-v1',
  observationSpace: box([-1, -1, -MAX_SPEED], [1, 1, MAX_SPEED]),
  actionSpace: box(-MAX_TORQUE, MAX_TORQUE, [1]),
  stateNames: ['angle', 'angularVelocity'],
  start: random => [random.uniform(-Math.PI, Math.PI), random.uniform(-1, 1)],
  observe: ([angle = 0, velocity = 0]) => Float32Array.of(Math.cos(angle), Math.sin(angle), velocity),
  advance(state, action) {
    const [angle, velocity] = state as [number, number]; // Of two numbers, above.
    const torque = clip(action[0] as number, MAX_TORQUE);
    const error = normalizeAngle(angle);
    const cost = error ** 2 + 0.1 * velocity ** 2 + 0.001 * torque ** 2;
    // NumPy keeps a float32 action's multiples in float32, and swinging makes a rounding error grow.
    const push = Math.fround((3 / (MASS * LENGTH ** 2)) * torque);
    const acceleration = ((3 * GRAVITY) / (2 * LENGTH)) * Math.sin(angle) + push;
    const newVelocity = clip(velocity + acceleration * TIME_STEP, MAX_SPEED);
    const newAngle = angle + newVelocity * TIME_STEP;
    const success = Math.abs(normalizeAngle(newAngle)) < 0.2 && Math.abs(newVelocity) < 1;
    return { state: [newAngle, newVelocity], reward: -cost, terminated: false, success };
  },
};
