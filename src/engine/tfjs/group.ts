import * as tf from '@tensorflow/tfjs-core';
import type { ParameterGroup, Shapes, Tensors } from '../engine.ts';
import { EngineSpecError } from '../errors.ts';
import { checkShapes, sizeOfShape } from '../spec.ts';
import { onBackend, type TfjsBackend } from './backends.ts';

/** Parameters as TF.js variables on a backend's device. */
export class TfjsGroup implements ParameterGroup {
  readonly name: string;
  readonly shapes: Shapes;
  readonly size: number;
  private readonly backend: TfjsBackend;
  private readonly variables: Readonly<Record<string, tf.Variable>>;

  constructor(backend: TfjsBackend, name: string, shapes: Shapes) {
    checkShapes(`Creating the parameter group "${name}"`, shapes);
    this.backend = backend;
    this.name = name;
    this.shapes = shapes;
    this.size = Object.values(shapes).reduce((sum, shape) => sum + sizeOfShape(shape), 0);
    this.variables = zeroVariables(backend, shapes);
  }

  /** The variables by name. */
  get tensors(): Tensors {
    return this.variables;
  }

  /** The variables in the order of `shapes`. */
  list(): tf.Variable[] {
    return Object.values(this.variables);
  }

  async read(): Promise<Float32Array> {
    return readFlat(this.list(), this.size);
  }

  async write(values: Float32Array): Promise<void> {
    if (values.length !== this.size)
      throw new EngineSpecError(
        `Writing the parameter group "${this.name}": it has ${this.size} numbers, but ${values.length} were given.`,
      );
    writeFlat(this.backend, this.list(), values);
  }

  dispose(): void {
    for (const variable of this.list()) variable.dispose();
  }
}

/** A variable of zeros for each shape. */
export function zeroVariables(backend: TfjsBackend, shapes: Shapes): Record<string, tf.Variable> {
  const variables: Record<string, tf.Variable> = {};
  onBackend(backend, () => {
    for (const [name, shape] of Object.entries(shapes))
      variables[name] = tf.variable(tf.zeros(shape as number[]), false);
  });
  return variables;
}

/** Tensors one after the other as one flat vector. */
export async function readFlat(tensors: readonly tf.Tensor[], size: number): Promise<Float32Array> {
  const flat = new Float32Array(size);
  let offset = 0;
  for (const tensor of tensors) {
    flat.set(await tensor.data(), offset);
    offset += tensor.size;
  }
  return flat;
}

/** Fills variables, one after the other, from a flat vector. */
export function writeFlat(backend: TfjsBackend, variables: readonly tf.Variable[], values: Float32Array): void {
  onBackend(backend, () => {
    let offset = 0;
    for (const variable of variables) {
      variable.assign(tf.tensor(values.slice(offset, offset + variable.size), variable.shape));
      offset += variable.size;
    }
  });
}

/** The group as this engine's own. Throws EngineSpecError where another engine made it. */
export function tfjsGroup(group: ParameterGroup): TfjsGroup {
  if (group instanceof TfjsGroup) return group;
  throw new EngineSpecError(`The parameter group "${group.name}" belongs to another engine. Create it with this one.`);
}
