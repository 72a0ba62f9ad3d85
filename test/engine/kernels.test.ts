import { expect, test } from 'vitest';
import { Random } from '../../src/common/random.ts';
import { Arena } from '../../src/engine/onnx/arena.ts';
import { adamStepAt } from '../../src/engine/optimizer/adam.ts';
import { KERNEL_BYTES } from '../../src/engine/optimizer/kernel-bytes.ts';
import { type OptimizerKernels, plainKernels, wasmKernels } from '../../src/engine/optimizer/kernels.ts';
import { assembleKernels } from '../../tools/build-kernels.ts';

const arena = new Arena(4);
const wasm = wasmKernels(arena.memory);
const LENGTH = 1000;

function vector(random: Random | null, scale = 1): Float32Array {
  const values = arena.allocate(LENGTH);
  if (random) for (let i = 0; i < LENGTH; i++) values[i] = scale * random.normal();
  return values;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((v, i) => Math.abs(v - (b[i] as number))));
}

test('the kernels in the source are what the script makes of their text', async () => {
  expect(Buffer.from(await assembleKernels()).toString('base64')).toBe(KERNEL_BYTES);
});

test('Adam in WebAssembly moves parameters as plain TypeScript does, over 20 steps', () => {
  const results = [wasm, plainKernels].map((kernels: OptimizerKernels) => {
    const random = new Random(1);
    const [p, m, v] = [vector(random), vector(null), vector(null)];
    for (let step = 1; step <= 20; step++)
      kernels.adam(p, vector(random, 0.01), m, v, adamStepAt({ learningRate: 1e-3 }, step));
    return { p, m, v };
  });
  const [a, b] = results as [(typeof results)[0], (typeof results)[0]];
  // Numbers of size 1, 0.01 and 0.0001 in float32: rounded operation by operation in one, at the end in the other.
  expect(largestDifference(a.p, b.p)).toBeLessThan(1e-6);
  expect(largestDifference(a.m, b.m)).toBeLessThan(1e-8);
  expect(largestDifference(a.v, b.v)).toBeLessThan(1e-10);
});

test('moments that decay become zero, never denormal', () => {
  for (const kernels of [wasm, plainKernels]) {
    const [p, g, m, v] = [vector(null), vector(null), vector(null), vector(null)];
    m.fill(1e-29);
    v.fill(1e-35);
    for (let step = 1; step <= 40; step++) kernels.adam(p, g, m, v, adamStepAt({ learningRate: 1e-3 }, step));
    expect(m.every(value => value === 0)).toBe(true);
    v.fill(1.001e-36);
    kernels.adam(p, g, m, v, adamStepAt({ learningRate: 1e-3 }, 1));
    kernels.adam(p, g, m, v, adamStepAt({ learningRate: 1e-3 }, 2));
    expect(v.every(value => value === 0)).toBe(true);
  }
});

test('Polyak averaging in WebAssembly is that of plain TypeScript', () => {
  const random = new Random(2);
  const [source, target] = [vector(random), vector(random)];
  const copy = target.slice();
  wasm.polyak(target, source, 0.005);
  plainKernels.polyak(copy, source, 0.005);
  expect(largestDifference(target, copy)).toBeLessThan(1e-7);
  expect(largestDifference(target, source)).toBeGreaterThan(0.1);
});

test('one number that is not finite is found wherever it stands', () => {
  for (const kernels of [wasm, plainKernels])
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (const place of [0, 1, 2, 3, 500, LENGTH - 1]) {
        const values = vector(new Random(3));
        expect(kernels.allFinite(values)).toBe(true);
        values[place] = value;
        expect(kernels.allFinite(values)).toBe(false);
      }
});

test("Adam's rate is half after its halving steps, a third after twice as many", () => {
  const rate = (count: number) => {
    const { step } = adamStepAt({ learningRate: 0.6, halvingSteps: 100 }, count);
    return step * (1 - 0.9 ** count);
  };
  expect([1, 101, 201].map(rate)).toEqual([0.6, 0.3, 0.2].map(value => expect.closeTo(value, 12)));
});
