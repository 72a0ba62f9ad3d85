import type { MjModel } from '@mujoco/mujoco';
import { indices, numbers } from '../../mujoco/model-arrays.ts';

/** Two shapes that may touch, by index, and how they slide. */
export interface Collision {
  readonly geoms: readonly [number, number];
  /** Coefficient of sliding friction. */
  readonly friction: number;
}

/**
 * All pairs of shapes that may touch: the explicit ones, and those that MuJoCo finds by its rules.
 *
 * Source: MuJoCo's documentation, "Computation", Collision detection: selection. Without an explicit pair two shapes
 * touch where their types and affinities match, unless their bodies are the same, welded together, parent and child
 * (but for the world's children), or excluded; the higher friction counts.
 */
export function readCollisions(model: MjModel): Collision[] {
  const bodies = indices(model.geom_bodyid);
  const weld = indices(model.body_weldid);
  const parents = indices(model.body_parentid);
  const types = indices(model.geom_contype);
  const affinities = indices(model.geom_conaffinity);
  const frictions = numbers(model.geom_friction);
  const excluded = new Set(indices(model.exclude_signature));
  const found = new Map<string, Collision>();
  const key = (a: number, b: number) => (a < b ? `${a} ${b}` : `${b} ${a}`);

  const pairFrictions = numbers(model.pair_friction);
  const [first, second] = [indices(model.pair_geom1), indices(model.pair_geom2)];
  for (const [pair, a] of first.entries()) {
    const b = second[pair] as number;
    found.set(key(a, b), { geoms: [a, b], friction: pairFrictions[5 * pair] as number });
  }
  for (const [a, bodyA] of bodies.entries())
    for (let b = a + 1; b < bodies.length; b++) {
      const bodyB = bodies[b] as number;
      const matches =
        ((types[a] as number) & (affinities[b] as number)) !== 0 ||
        ((types[b] as number) & (affinities[a] as number)) !== 0;
      if (!matches || found.has(key(a, b)) || excluded.has((bodyA << 16) + bodyB)) continue;
      const [weldA, weldB] = [weld[bodyA] as number, weld[bodyB] as number];
      if (weldA === weldB) continue;
      const above = (welded: number) => weld[parents[welded] as number] as number;
      if (weldA !== 0 && weldB !== 0 && (above(weldA) === weldB || above(weldB) === weldA)) continue;
      found.set(key(a, b), {
        geoms: [a, b],
        friction: Math.max(frictions[3 * a] as number, frictions[3 * b] as number),
      });
    }
  return [...found.values()];
}
