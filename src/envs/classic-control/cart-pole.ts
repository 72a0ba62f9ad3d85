import { box, type Discrete, discrete } from '../spaces.ts';
import type { System } from './classic-env.ts';

const GRAVITY = 9.8;
const CART_MASS = 1.0;
const POLE_MASS = 0.1;
const TOTAL_MASS = CART_MASS + POLE_MASS;
/** Half the pole's length, m. */
const HALF_LENGTH = 0.5;
const POLE_MASS_LENGTH = POLE_MASS * HALF_LENGTH;
/** N */
const FORCE = 10.0;
/** s */
const TIME_STEP = 0.02;
const ANGLE_LIMIT = (12 * 2 * Math.PI) / 360;
const POSITION_LIMIT = 2.4;
/** The length of an episode at which Gymnasium calls the task solved; the episode ends at 500. */
export const SOLVED_STEPS = 475;
export const CART_POLE_STEPS = 500;

const unbounded = Number.POSITIVE_INFINITY;

/**
 * A pole on a cart that is pushed left (0) or right (1): one point a step until it falls or the cart leaves its track.
 *
 * State: position (m), velocity (m/s), angle (rad), angular velocity (rad/s), all four observed. An episode is a
 * success from its 475th step on.
 *
 * Source: Barto, Sutton and Anderson 1983; Gymnasium's CartPole-v1, whose Euler steps these are.
 */
export const cartPole: System<Discrete> = {
  id: 'CartPole-v1',
  // Twice the limits, so that the observation that ends an episode is inside.
  observationSpace: box(
    [-2 * POSITION_LIMIT, -unbounded, -2 * ANGLE_LIMIT, -unbounded],
    [2 * POSITION_LIMIT, unbounded, 2 * ANGLE_LIMIT, unbounded],
  ),
  actionSpace: discrete(2),
  stateNames: ['position', 'velocity', 'angle', 'angularVelocity'],
  start: random => Array.from({ length: 4 }, () => random.uniform(-0.05, 0.05)),
  observe: state => Float32Array.from(state),
  advance(state, action, steps) {
    const [x, velocity, angle, angularVelocity] = state as [number, number, number, number]; // Of four numbers, above.
    const force = action === 1 ? FORCE : -FORCE;
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    const push = (force + POLE_MASS_LENGTH * angularVelocity * angularVelocity * sine) / TOTAL_MASS;
    const angularAcceleration =
      (GRAVITY * sine - cosine * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * cosine * cosine) / TOTAL_MASS));
    const acceleration = push - (POLE_MASS_LENGTH * angularAcceleration * cosine) / TOTAL_MASS;
    const next = [
      x + TIME_STEP * velocity,
      velocity + TIME_STEP * acceleration,
      angle + TIME_STEP * angularVelocity,
      angularVelocity + TIME_STEP * angularAcceleration,
    ] as const;
    const fallen = Math.abs(next[0]) > POSITION_LIMIT || Math.abs(next[2]) > ANGLE_LIMIT;
    return { state: next, reward: 1, terminated: fallen, success: steps >= SOLVED_STEPS };
  },
};

/**
 * The same, with both velocities hidden: what to do next can only be known from what was seen before.
 *
 * Source: the partially observed CartPole of Meuleau et al. 1999 and of many benchmarks of memory since.
 */
export const maskedCartPole: System<Discrete> = {
  ...cartPole,
  id: 'CartPoleMasked-v1',
  observationSpace: box([-2 * POSITION_LIMIT, -2 * ANGLE_LIMIT], [2 * POSITION_LIMIT, 2 * ANGLE_LIMIT]),
  observe: ([x = 0, , angle = 0]) => Float32Array.of(x, angle),
};
