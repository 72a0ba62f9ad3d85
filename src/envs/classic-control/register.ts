import * as z from 'zod';
import { parseOptions } from '../../common/options.ts';
import type { Env } from '../env.ts';
import type { EnvSpec } from '../registry.ts';
import type { Space } from '../spaces.ts';
import { NormalizedActions } from '../wrappers/normalized-actions.ts';
import { TimeLimit } from '../wrappers/time-limit.ts';
import { CART_POLE_STEPS, cartPole, maskedCartPole } from './cart-pole.ts';
import { ClassicEnv } from './classic-env.ts';
import { PENDULUM_STEPS, pendulum } from './pendulum.ts';

const noOptions = z.strictObject({});

function spec(id: string, summary: string, make: () => Env): EnvSpec {
  return {
    id,
    summary,
    objective: 'return',
    usesSimulator: false,
    async make(options) {
      parseOptions(noOptions, options, id);
      return make();
    },
  };
}

/** The small environments that algorithms are proved on, exact to Gymnasium's equations. */
export const CLASSIC_CONTROL: readonly EnvSpec[] = [
  spec(
    cartPole.id,
    'Keep a pole upright on a cart; Gymnasium’s equations',
    () => new TimeLimit(new ClassicEnv(cartPole), CART_POLE_STEPS) as Env<Space, Space>,
  ),
  spec(
    maskedCartPole.id,
    'The same with the velocities hidden: needs memory',
    () => new TimeLimit(new ClassicEnv(maskedCartPole), CART_POLE_STEPS) as Env<Space, Space>,
  ),
  spec(
    pendulum.id,
    'Swing a pendulum up and hold it; Gymnasium’s equations',
    () => new TimeLimit(new NormalizedActions(new ClassicEnv(pendulum)), PENDULUM_STEPS) as Env<Space, Space>,
  ),
];
