import { type Block, isGrasped, type SawyerEnv, yawError } from '../envs/index.ts';
import type { Expert } from './expert.ts';
import { readyToClose, waypoint } from './waypoint.ts';

/** Waypoint expert for an environment whose actions are tip displacements, a turn and the gripper. */
export function tipDisplacementExpert(env: SawyerEnv, block: Block): Expert {
  const bounds = env.actionSpace.high;
  const clip = (value: number, i: number) => Math.max(-(bounds[i] as number), Math.min(bounds[i] as number, value));
  return () => {
    const { state } = env;
    if (isGrasped(state)) return Float32Array.of(0, 0, bounds[2] as number, 0, -1);
    const displacement = waypoint(state, block).map((goal, i) => goal - (state.padsCenter[i] as number));
    return Float32Array.from([...displacement, yawError(state, block), readyToClose(state) ? -1 : 1], clip);
  };
}
