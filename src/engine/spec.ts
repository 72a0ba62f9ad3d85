import type { ForwardSpec, ParameterGroup, Shapes, UpdateSpec } from './engine.ts';
import { EngineSpecError } from './errors.ts';

export function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Throws EngineSpecError where a name is empty or a size is not a positive integer. */
export function checkShapes(what: string, shapes: Shapes): void {
  for (const [name, shape] of Object.entries(shapes))
    if (name === '' || !shape.every(size => Number.isInteger(size) && size > 0))
      throw new EngineSpecError(
        `${what}: "${name}" has the shape [${shape}], but names must not be empty and sizes must be positive integers.`,
      );
}

function checkGroups(what: string, groups: readonly ParameterGroup[]): void {
  const names = groups.map(group => group.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new EngineSpecError(`${what}: the parameter group "${twice}" is given twice. Give each group its own name.`);
}

/** Throws EngineSpecError where a forward function's groups or shapes contradict each other. */
export function checkForward(spec: ForwardSpec): void {
  checkGroups('Compiling a forward function', spec.groups);
  checkShapes('Compiling a forward function', spec.inputs);
}

/** Throws EngineSpecError where an update's groups, losses or shapes contradict each other. */
export function checkUpdate(spec: UpdateSpec): void {
  const what = 'Compiling an update';
  checkGroups(what, spec.groups);
  checkShapes(what, spec.inputs);
  const losses = spec.stages.flat();
  if (losses.length === 0)
    throw new EngineSpecError(`${what}: it has no losses. Give at least one stage with one loss.`);
  const names = losses.map(loss => loss.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new EngineSpecError(`${what}: two losses are called "${twice}". Give each its own name.`);
  for (const stage of spec.stages)
    for (const loss of stage) {
      if (!spec.groups.includes(loss.group))
        throw new EngineSpecError(
          `${what}: the loss "${loss.name}" moves the group "${loss.group.name}", which is not among the update's groups. Add it there.`,
        );
      if (stage.some(other => other !== loss && other.group === loss.group))
        throw new EngineSpecError(
          `${what}: two losses of one stage move the group "${loss.group.name}". Add them up, or put them in two stages.`,
        );
    }
  for (const { target, source } of spec.polyak ?? [])
    if (JSON.stringify(target.shapes) !== JSON.stringify(source.shapes))
      throw new EngineSpecError(
        `${what}: the target group "${target.name}" and its source "${source.name}" differ in their shapes.`,
      );
}
