import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const PROGRAM = `
  import { add } from '@tensorflow/tfjs-core';
  import { createEngine } from '${resolve('src/engine/index.ts')}';
  const engine = await createEngine({});
  const group = engine.createGroup('one', { weight: [2] });
  const forward = await engine.compileForward({ groups: [group], inputs: { x: [2] }, compute: (_, { x }) => ({ y: add(x, x) }) });
  await forward.run();
  console.log(JSON.stringify({ pid: process.pid, told: process.env.ORT_DISABLE_TELEMETRY }));
  await engine.close();
`;

test('ONNX Runtime is told to send nothing to anybody, and does not get ready to', () => {
  const { CI: _, ORT_DISABLE_TELEMETRY: __, ...environment } = process.env;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM], {
    env: environment,
    encoding: 'utf8',
  });
  const { pid, told } = JSON.parse(output.trim().split('\n').at(-1) ?? '') as { pid: number; told: string };
  expect(told).toBe('1');
  // The log that its telemetry opens as soon as it starts.
  expect(existsSync(join(tmpdir(), `mat-debug-${pid}.log`))).toBe(false);
});
