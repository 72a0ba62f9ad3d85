import type { SceneObject } from './scene-object.ts';

/** The tree that paths are looked up in. */
export interface Tree {
  readonly objects: ReadonlyMap<number, SceneObject>;
  /** Children of an object, or with -1 the objects that have no parent, in order. */
  children(handle: number): readonly SceneObject[];
}

/** An object and all below it, level by level; with -1 the whole scene. */
export function* levels(tree: Tree, root: number): Generator<SceneObject> {
  const start = tree.objects.get(root);
  let level = start ? [start] : [...tree.children(-1)];
  while (level.length > 0) {
    yield* level;
    level = level.flatMap(({ handle }) => tree.children(handle));
  }
}

function* below(tree: Tree, root: number): Generator<SceneObject> {
  for (const object of levels(tree, root)) if (object.handle !== root) yield object;
}

/** One step of a path: an alias (`*` stands for anything), its order among siblings `[1]`, and its order of all `{1}`. */
const stepPattern = /^([^[\]{}/]{1,200})(?:\[(\d{1,6})\])?(?:\{(\d{1,6})\})?$/;

function matches(alias: string, wanted: string): boolean {
  if (!wanted.includes('*')) return alias === wanted;
  // Plain steps through the pieces between the stars: an expression made of a client's text could be made slow.
  const pieces = wanted.split('*');
  const first = pieces.shift() as string; // There is a star, so there are at least two.
  const last = pieces.pop() as string;
  if (alias.length < first.length + last.length || !alias.startsWith(first) || !alias.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = alias.indexOf(piece, at);
    if (found < 0 || found + piece.length > alias.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

/** Objects looked at before a path is given up: many stars in a deep tree fit in more ways than can be tried. */
const searchLimit = 100_000;

function* search(
  tree: Tree,
  root: number,
  steps: readonly string[],
  looked: { count: number },
): Generator<SceneObject> {
  const [step = '', ...rest] = steps;
  if (step === '.' || step === '..') {
    const to = step === '.' ? root : (tree.objects.get(root)?.parent ?? -1);
    const object = tree.objects.get(to);
    if (rest.length > 0) yield* search(tree, to, rest, looked);
    else if (object) yield object;
    return;
  }
  const [, alias, sibling, order] = stepPattern.exec(step) ?? [];
  if (alias === undefined) return;
  let count = 0;
  for (const object of below(tree, root)) {
    if (++looked.count > searchLimit) return;
    if (!matches(object.alias, alias)) continue;
    if (sibling !== undefined) {
      const twins = tree.children(object.parent).filter(twin => matches(twin.alias, alias));
      if (twins[Number(sibling)] !== object) continue;
    }
    if (order !== undefined && count++ !== Number(order)) continue;
    if (rest.length === 0) yield object;
    else yield* search(tree, object.handle, rest, looked);
  }
}

/**
 * The object that a path leads to, or undefined.
 *
 * `/a/b` is a `b` anywhere below an `a` anywhere, the first in tree order; `./` and `../` start at `from`; `index`
 * chooses among all that fit. Source: CoppeliaSim's manual, "Accessing scene objects programmatically".
 */
export function findByPath(tree: Tree, path: string, from = -1, index = 0): SceneObject | undefined {
  const absolute = path.startsWith('/');
  if (!absolute && !path.startsWith('.')) return undefined;
  const steps = path.split('/').slice(absolute ? 1 : 0);
  if (steps.length > 100) return undefined;
  const seen = new Set<number>();
  for (const object of search(tree, absolute ? -1 : from, steps, { count: 0 })) {
    if (seen.has(object.handle)) continue;
    if (seen.size === index) return object;
    seen.add(object.handle);
  }
  return undefined;
}

/** From the root down to the object itself. */
export function ancestry(tree: Tree, object: SceneObject): readonly SceneObject[] {
  const chain = [object];
  for (let parent = tree.objects.get(object.parent); parent; parent = tree.objects.get(parent.parent))
    chain.unshift(parent);
  return chain;
}

/** `alias`, or `alias[1]` where an earlier sibling has the same one. */
function ordered(tree: Tree, object: SceneObject): string {
  const twins = tree.children(object.parent).filter(({ alias }) => alias === object.alias);
  const at = twins.indexOf(object);
  return at > 0 ? `${object.alias}[${at}]` : object.alias;
}

/** `/top/…/object`, every level of it. */
export function fullPath(tree: Tree, object: SceneObject): string {
  return ancestry(tree, object)
    .map(each => `/${ordered(tree, each)}`)
    .join('');
}

/** `/top/object`, where that leads back to the object; the full path where it does not. */
export function shortPath(tree: Tree, object: SceneObject): string {
  const [root = object] = ancestry(tree, object);
  const short = root === object ? `/${ordered(tree, object)}` : `/${ordered(tree, root)}/${ordered(tree, object)}`;
  return findByPath(tree, short) === object ? short : fullPath(tree, object);
}
