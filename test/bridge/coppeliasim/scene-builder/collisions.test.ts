import { expect, test } from 'vitest';
import { assignMasks } from '../../../../src/bridge/coppeliasim/scene-builder/collision-masks.ts';
import { frictionFactors } from '../../../../src/bridge/coppeliasim/scene-builder/friction.ts';
import { Random } from '../../../../src/common/random.ts';

const pair = (a: number, b: number) => ({ links: [a, b] as [number, number] });

test('with eight groups enough, exactly the wanted pairs collide, within trees and between them', () => {
  // Two arms of three links and a block: links two apart collide, arms collide at their ends, the block with all ends.
  const trees = [0, 0, 0, 3, 3, 3, 6];
  const wanted = [pair(0, 2), pair(3, 5), pair(2, 5), pair(2, 6), pair(5, 6)];
  const { masks, extra } = assignMasks(7, trees, wanted);
  expect(extra).toBe(0);
  for (let a = 0; a < 7; a++)
    for (let b = a + 1; b < 7; b++) {
      const kind = trees[a] === trees[b] ? 'local' : 'global';
      const collide = ((masks[a]?.[kind] ?? 0) & (masks[b]?.[kind] ?? 0)) !== 0;
      expect(collide, `${a} and ${b}`).toBe(wanted.some(({ links: [x, y] }) => x === a && y === b));
    }
});

test('with more pairs than groups all wanted ones collide still, and the others that do are counted', () => {
  // Ten pairs that nothing joins take ten groups; the last of eight takes three of them: six objects, 15 - 3 too many.
  const wanted = Array.from({ length: 10 }, (_, i) => pair(2 * i, 2 * i + 1));
  const { masks, extra } = assignMasks(20, [...Array(20).keys()], wanted);
  expect(extra).toBe(12);
  for (const { links } of wanted) {
    const [a, b] = links.map(link => masks[link]?.global ?? 0) as [number, number];
    expect(a & b).not.toBe(0);
    expect(Math.max(a, b)).toBeLessThan(256);
  }
});

test('any set of pairs is covered', () => {
  const random = new Random(11);
  for (let round = 0; round < 200; round++) {
    const count = 2 + random.integer(12);
    const trees = Array.from({ length: count }, () => random.integer(3));
    const wanted = [];
    for (let a = 0; a < count; a++)
      for (let b = a + 1; b < count; b++) if (random.uniform() < 0.4) wanted.push(pair(a, b));
    const { masks } = assignMasks(count, trees, wanted);
    for (const { links } of wanted) {
      const [a, b] = links;
      const kind = trees[a] === trees[b] ? 'local' : 'global';
      expect((masks[a]?.[kind] ?? 0) & (masks[b]?.[kind] ?? 0)).not.toBe(0);
    }
  }
});

test("products of the factors are the pairs' frictions where that can be", () => {
  const pairs = [
    { links: [0, 1] as [number, number], friction: 2 },
    { links: [0, 2] as [number, number], friction: 0.8 },
    { links: [1, 2] as [number, number], friction: 0.5 },
  ];
  const factors = frictionFactors(4, pairs);
  for (const { links, friction } of pairs)
    expect((factors[links[0]] as number) * (factors[links[1]] as number)).toBeCloseTo(friction, 6);
  expect(factors[3]).toBe(1);
});
