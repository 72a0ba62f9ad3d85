import * as tf from '@tensorflow/tfjs-core';
import { closeAll } from '../../common/close-all.ts';
import type { Engine, Forward, ForwardSpec, ParameterGroup, Shapes, Update, UpdateSpec } from '../engine.ts';
import { withGradients } from '../gradients/index.ts';
import { checkForward, sizeOfShape } from '../spec.ts';
import { findBackend, onBackend, type TfjsBackend, type TfjsBackendName } from './backends.ts';
import { TfjsGroup, tfjsGroup } from './group.ts';
import { TfjsUpdate } from './update.ts';

/** Runs losses and functions as they are, operation by operation, on a TF.js backend. */
export class TfjsEngine implements Engine {
  readonly name = 'tfjs';
  readonly description: string;
  private readonly backend: TfjsBackend;
  private readonly groups: TfjsGroup[] = [];
  private readonly updates = new Set<TfjsUpdate>();

  constructor(backend: TfjsBackend) {
    this.backend = backend;
    this.description = `TF.js ${tf.version_core}, ${backend.description}`;
  }

  createGroup(name: string, shapes: Shapes): ParameterGroup {
    const group = new TfjsGroup(this.backend, name, shapes);
    this.groups.push(group);
    return group;
  }

  async compileUpdate(spec: UpdateSpec): Promise<Update> {
    const update = new TfjsUpdate(this.backend, spec);
    this.updates.add(update);
    return update;
  }

  async compileForward(spec: ForwardSpec): Promise<Forward> {
    checkForward(spec);
    const groups = spec.groups.map(tfjsGroup);
    const inputs = Object.fromEntries(
      Object.entries(spec.inputs).map(([name, shape]) => [name, new Float32Array(sizeOfShape(shape))]),
    );
    const compute = () =>
      onBackend(this.backend, () => {
        const parameters = Object.fromEntries(groups.map(group => [group.name, group.tensors]));
        const tensors = Object.entries(spec.inputs).map(([name, shape]): [string, tf.Tensor] => [
          name,
          tf.tensor((inputs[name] as Float32Array).slice(), shape as number[]),
        ]);
        const results = withGradients(() => spec.compute(parameters, Object.fromEntries(tensors)));
        return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, tf.clone(tensor)]));
      });
    const outputs: Record<string, Float32Array> = {};
    const run = async () => {
      for (const [name, tensor] of Object.entries(compute())) {
        outputs[name] ??= new Float32Array(tensor.size);
        outputs[name].set(await tensor.data());
        tensor.dispose();
      }
    };
    // Once for the outputs' sizes; on the way any operation that the backend lacks shows.
    await run();
    return { inputs, outputs, run, close: async () => {} };
  }

  async close(): Promise<void> {
    const updates = [...this.updates];
    this.updates.clear();
    await closeAll(...updates, ...this.groups.splice(0).map(group => () => group.dispose()));
  }
}

/**
 * An engine on the best TF.js backend installed for the device.
 *
 * @param only a TF.js backend, to have that one and no other
 * @throws BackendUnavailableError
 */
export async function createTfjsEngine(device: 'cpu' | 'gpu', only?: TfjsBackendName): Promise<Engine> {
  return new TfjsEngine(await findBackend(device, only));
}
