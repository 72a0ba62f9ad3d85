import { describe, expect, it } from 'vitest';
import { coneSeesBox } from '../../src/bridge/index.ts';
import { Random } from '../../src/common/random.ts';
import { type Quaternion, rotate, type Vector3 } from '../../src/common/rotations.ts';

const cone = { range: 0.1, halfAngle: (15 * Math.PI) / 180 };
const upright: Quaternion = [0, 0, 0, 1];
const block: Vector3 = [0.025, 0.05, 0.025];
const origin: Vector3 = [0, 0, 0];
const up: Vector3 = [0, 0, 1];
const sees = (position: Vector3, orientation = upright) => coneSeesBox(origin, up, cone, position, orientation, block);

describe('the proximity cone', () => {
  it('sees a block ahead up to its range', () => {
    expect(sees([0, 0, 0.05])).toBe(true);
    expect(sees([0, 0, 0.1249])).toBe(true);
    expect(sees([0, 0, 0.1251])).toBe(false);
  });

  it('does not see behind itself', () => {
    expect(sees([0, 0, -0.0251])).toBe(false);
    expect(sees([0, 0.2, 0])).toBe(false);
  });

  it('ends at its half angle to the sides', () => {
    // The block's near edge, 5 cm ahead at its lowest, would be at tan 15° of its farthest face within reach.
    const beside = (x: number): Vector3 => [x + block[0], 0, 0.05];
    const widest = 0.075 * Math.tan(cone.halfAngle);
    expect(sees(beside(widest - 1e-3))).toBe(true);
    expect(sees(beside(widest + 1e-3))).toBe(false);
  });

  it('counts the block as it is turned', () => {
    const quarter: Quaternion = [0, 0, Math.SQRT1_2, Math.SQRT1_2];
    // 5 cm long along y: turned, it reaches where it did not.
    expect(sees([0.06, 0, 0.06])).toBe(false);
    expect(sees([0.06, 0, 0.06], quarter)).toBe(true);
  });

  it('agrees with points drawn inside the block', () => {
    const random = new Random(5);
    const cosine = Math.cos(cone.halfAngle);
    let seen = 0;
    for (let sample = 0; sample < 300; sample++) {
      const position: Vector3 = [random.uniform(-0.1, 0.1), random.uniform(-0.1, 0.1), random.uniform(-0.05, 0.15)];
      const raw = Array.from({ length: 4 }, () => random.normal());
      const length = Math.hypot(...raw);
      const orientation = raw.map(value => value / length) as unknown as Quaternion;
      let inside = false;
      for (let draw = 0; draw < 3000 && !inside; draw++) {
        const local = block.map(half => random.uniform(-half, half)) as unknown as Vector3;
        const point = rotate(orientation, local).map((value, i) => value + (position[i] as number));
        const distance = Math.hypot(...point);
        // Inside the cone, and short of where the ball it ends in rounds it off: range cos θ / (1 + sin θ).
        inside = distance < 0.0767 && (point[2] as number) > cosine * distance;
      }
      if (inside) {
        seen++;
        expect(sees(position, orientation)).toBe(true);
      }
    }
    expect(seen).toBeGreaterThan(30);
  });
});
