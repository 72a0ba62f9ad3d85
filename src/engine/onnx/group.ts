import type { ParameterGroup, Shapes } from '../engine.ts';
import { EngineSpecError } from '../errors.ts';
import { checkShapes, sizeOfShape } from '../spec.ts';
import type { Arena } from './arena.ts';

/** Parameters in an arena, one after the other in one padded vector. */
export class OnnxGroup implements ParameterGroup {
  readonly name: string;
  readonly shapes: Shapes;
  readonly size: number;
  /** The whole vector with its padding. */
  readonly vector: Float32Array;

  constructor(arena: Arena, name: string, shapes: Shapes) {
    checkShapes(`Creating the parameter group "${name}"`, shapes);
    this.name = name;
    this.shapes = shapes;
    this.size = Object.values(shapes).reduce((sum, shape) => sum + sizeOfShape(shape), 0);
    this.vector = arena.allocate(this.size);
  }

  async read(): Promise<Float32Array> {
    return this.vector.slice(0, this.size);
  }

  async write(values: Float32Array): Promise<void> {
    if (values.length !== this.size)
      throw new EngineSpecError(
        `Writing the parameter group "${this.name}": it has ${this.size} numbers, but ${values.length} were given.`,
      );
    this.vector.set(values);
  }
}

/** The group as this engine's own. Throws EngineSpecError where another engine made it. */
export function onnxGroup(group: ParameterGroup): OnnxGroup {
  if (group instanceof OnnxGroup) return group;
  throw new EngineSpecError(`The parameter group "${group.name}" belongs to another engine. Create it with this one.`);
}
