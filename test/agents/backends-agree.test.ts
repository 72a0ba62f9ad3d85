import { expect, test } from 'vitest';
import type { SacOptions } from '../../src/agents/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import { createTfjsEngine } from '../../src/engine/tfjs/engine.ts';
import { TFJS_BACKENDS } from '../engine/tfjs-backend-names.ts';
import { learn, smallSac } from './sac-setup.ts';

const variants: Record<string, SacOptions> = {
  default: {},
  'one critic, fixed temperature': { critics: 1, automaticTemperature: false },
  'three critics without layer norm': { critics: 3, criticLayerNorm: false },
  original: { preset: 'original' },
};

for (const backend of TFJS_BACKENDS)
  for (const [name, options] of Object.entries(variants))
    test(`after 5 updates the onnx backend and TF.js ${backend} agree: ${name}`, async () => {
      const onnx = await smallSac(await createEngine({ backend: 'onnx' }), 1, options);
      const eager = await smallSac(await createTfjsEngine('cpu', backend), 1, options);
      const losses = [await learn(onnx, 5), await learn(eager, 5)] as const;
      // Bounds of the engine's contract: losses to 1e-5 relative, each tensor to 1e-4 of its largest parameter.
      for (const [key, value] of Object.entries(losses[0]))
        expect(Math.abs(value - (losses[1][key] ?? Number.NaN)), key).toBeLessThanOrEqual(
          1e-5 * Math.max(1e-2, Math.abs(value)),
        );
      const parameters = [await onnx.getState(), await eager.getState()].map(
        state => state.parameters as Record<string, Float32Array>,
      );
      for (const [group, values] of Object.entries(parameters[0] ?? {})) {
        const largest = Math.max(...values.map(Math.abs));
        const difference = Math.max(...values.map((v, i) => Math.abs(v - (parameters[1]?.[group]?.[i] ?? Number.NaN))));
        expect(difference, group).toBeLessThanOrEqual(1e-4 * largest);
      }
    });
