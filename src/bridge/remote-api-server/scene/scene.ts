import { CallError } from '../errors.ts';
import type { Tree } from './lookup.ts';
import type { SceneObject } from './scene-object.ts';

/** More than this one client, or all together, cannot add. */
const objectLimit = 10_000;

/** What a client may say of a new object. */
export type NewObject = Pick<SceneObject, 'alias' | 'type' | 'offset'> &
  Partial<Pick<SceneObject, 'shape' | 'script' | 'parent'>>;

/** All objects of the scene by handle, as a tree. It says what is where in the tree; the world says where in space. */
export class Scene implements Tree {
  readonly objects = new Map<number, SceneObject>();
  private readonly childrenByParent = new Map<number, SceneObject[]>();
  private nextHandle = 0;

  children(handle: number): readonly SceneObject[] {
    return this.childrenByParent.get(handle) ?? [];
  }

  insert(object: SceneObject): void {
    this.objects.set(object.handle, object);
    this.adopt(object, object.parent);
    this.nextHandle = Math.max(this.nextHandle, object.handle + 1);
  }

  /** Adds what a client makes. */
  make(described: NewObject): SceneObject {
    if (this.objects.size >= objectLimit) throw new CallError('the scene is full.');
    const { parent = -1, ...rest } = described;
    const object: SceneObject = {
      ...rest,
      parent,
      handle: this.nextHandle,
      body: -1,
      parameters: new Map(),
      made: true,
    };
    this.insert(object);
    return object;
  }

  /** Removes what a client made; what is below it loses its parent and stays. */
  remove(object: SceneObject): void {
    if (!object.made) throw new CallError(`/${object.alias} is part of the embedded scene and stays.`);
    for (const child of [...this.children(object.handle)]) this.setParent(child, -1);
    this.childrenByParent.delete(object.handle);
    this.drop(object);
    this.objects.delete(object.handle);
  }

  setParent(object: SceneObject, parent: number): void {
    for (let above = this.objects.get(parent); above; above = this.objects.get(above.parent))
      if (above === object) throw new CallError('an object cannot be its own ancestor.');
    this.drop(object);
    object.parent = parent;
    this.adopt(object, parent);
  }

  private adopt(object: SceneObject, parent: number): void {
    const siblings = this.childrenByParent.get(parent);
    if (siblings) siblings.push(object);
    else this.childrenByParent.set(parent, [object]);
  }

  private drop(object: SceneObject): void {
    const siblings = this.childrenByParent.get(object.parent);
    const at = siblings?.indexOf(object) ?? -1;
    if (at >= 0) siblings?.splice(at, 1);
  }
}
