import type { Forward, ForwardSpec } from '../engine.ts';
import { checkForward, sizeOfShape } from '../spec.ts';
import { allocateInputs, bindInputs, traceInputs } from './bindings.ts';
import type { Value } from './graph.ts';
import { onnxGroup } from './group.ts';
import { OnnxProgram, type ProgramOptions } from './program.ts';
import { trace } from './trace.ts';

/** Compiles a forward function: traced once, run by ONNX Runtime on the parameters where they lie. */
export async function compileForward(spec: ForwardSpec, options: ProgramOptions): Promise<Forward> {
  checkForward(spec);
  const groups = spec.groups.map(onnxGroup);
  const traced = trace('tracing a forward function', tracer => {
    const { parameters, batch } = traceInputs(tracer, groups, spec.inputs);
    const results = Object.entries(spec.compute(parameters, batch));
    return results.map(([name, tensor]): [string, Value] => [name, tracer.valueOf(tensor)]);
  });
  const outputs = Object.fromEntries(traced.map(([name, value]) => [name, new Float32Array(sizeOfShape(value.shape))]));
  const inputs = allocateInputs(spec.inputs);
  const program = await OnnxProgram.create(
    Object.fromEntries(traced.map(([name, value]) => [name, { value, data: outputs[name] as Float32Array }])),
    bindInputs(groups, spec.inputs, inputs),
    options,
  );
  return { inputs, outputs, run: () => program.run(), close: () => program.close() };
}
