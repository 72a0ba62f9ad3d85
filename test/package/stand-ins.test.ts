import type { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type * as mujoco from '@mujoco/mujoco';
import type * as tf from '@tensorflow/tfjs-core';
import type * as ort from 'onnxruntime-node';
import { expect, expectTypeOf, test } from 'vitest';
import type * as z from 'zod';
import type * as eventsStandIn from '../../tools/build-types/stand-ins/node-events.d.ts';
import type * as ortStandIn from '../../tools/build-types/stand-ins/onnxruntime-node.d.ts';
import type * as tfStandIn from '../../tools/build-types/stand-ins/tfjs-core.d.ts';
import type * as zodStandIn from '../../tools/build-types/stand-ins/zod.d.ts';

// The type checker decides these (`npm run check`): each real type has all that its stand-in declares.
const COMPARISONS: Readonly<Record<string, () => void>> = {
  'mujoco.d.ts': () => {
    // Opaque on purpose: only the names have to exist.
    expectTypeOf<mujoco.MainModule>().toBeObject();
    expectTypeOf<mujoco.MjModel>().toBeObject();
  },
  'node-events.d.ts': () => {
    interface Events {
      started: [];
      ended: [code: number, signal: string];
    }
    expectTypeOf<EventEmitter<Events>>().toExtend<eventsStandIn.EventEmitter<Events>>();
  },
  'onnxruntime-node.d.ts': () => {
    expectTypeOf<ort.Tensor>().toExtend<ortStandIn.Tensor>();
    expectTypeOf<typeof ort.Tensor>().toExtend<typeof ortStandIn.Tensor>();
    expectTypeOf<ort.InferenceSession>().toExtend<ortStandIn.InferenceSession>();
    expectTypeOf<typeof ort.InferenceSession>().toExtend<typeof ortStandIn.InferenceSession>();
  },
  'tfjs-core.d.ts': () => {
    expectTypeOf<tf.Tensor>().toExtend<tfStandIn.Tensor>();
    expectTypeOf<tf.Scalar>().toExtend<tfStandIn.Scalar>();
  },
  'zod.d.ts': () => {
    expectTypeOf<z.ZodType>().toExtend<zodStandIn.ZodType>();
    expectTypeOf<z.ZodNumber>().toExtend<zodStandIn.ZodType>();
    expectTypeOf<z.ZodDefault<z.ZodBoolean>>().toExtend<zodStandIn.ZodType>();
  },
};

test('compares every stand-in with the types of its library', () => {
  expect(Object.keys(COMPARISONS)).toEqual(
    readdirSync(resolve(import.meta.dirname, '../../tools/build-types/stand-ins')),
  );
  for (const compare of Object.values(COMPARISONS)) compare();
});
