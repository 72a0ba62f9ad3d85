import { editDistance } from '../../common/near-match.ts';
import { oneLine } from '../../common/one-line.ts';
import { SceneObjectNotFoundError } from '../errors.ts';
import { callNumber, constants, type RemoteCalls } from './remote-calls.ts';
import { namedObjects, packagedSceneFiles, readSceneFile, type SceneFile } from './scene-file.ts';

/** Paths shown of all that are there, for each one that is missing. */
const SHOWN = 3;

/** A scene file and the handles of its objects in the scene that is loaded. */
export interface FoundScene {
  readonly file: SceneFile;
  /** Where it was read from. */
  readonly path: string;
  /** By the names of `namedObjects`. */
  readonly handles: ReadonlyMap<string, number>;
}

/**
 * Finds a scene file's objects in the scene that is loaded.
 *
 * @param path of the scene file; by default the first of the packaged ones whose objects are all there.
 * @throws SceneError for a file that cannot be used, and SceneObjectNotFoundError naming what is missing and the
 * nearest paths that are there.
 */
export async function findScene(calls: RemoteCalls, path?: string): Promise<FoundScene> {
  let nearly: { found: FoundScene; missing: readonly string[] } | undefined;
  for (const each of path === undefined ? packagedSceneFiles : [path]) {
    const file = await readSceneFile(each);
    const handles = new Map<string, number>();
    const missing: string[] = [];
    for (const [name, object] of namedObjects(file)) {
      const handle = await callNumber(calls, 'sim.getObject', [object, { noError: true }]);
      if (handle >= 0) handles.set(name, handle);
      else missing.push(object);
    }
    const found: FoundScene = { file, path: each, handles };
    if (missing.length === 0) return found;
    if (nearly === undefined || missing.length < nearly.missing.length) nearly = { found, missing };
  }
  // At least one file was looked at.
  const { found, missing } = nearly as NonNullable<typeof nearly>;
  throw new SceneObjectNotFoundError(await explain(calls, found.path, missing));
}

async function explain(calls: RemoteCalls, path: string, missing: readonly string[]): Promise<string> {
  const there = await listPaths(calls);
  const lines = missing.slice(0, 20).map(each => {
    const near = nearest(each, there);
    return `  ${each}${near.length === 0 ? '' : ` (nearest: ${near.join(', ')})`}`;
  });
  const count = there.length === 0 ? '' : `; it has ${there.length} object${there.length === 1 ? '' : 's'}`;
  return (
    `The scene in the simulator lacks ${missing.length} of the objects of ${path}${count}:\n${lines.join('\n')}\n` +
    'Load the right scene (--scene FILE.ttt), build one (graspbridge simulator build-scene), or write a scene file with the paths that are there.'
  );
}

/** Paths of all objects, as short as they can be told apart. */
async function listPaths(calls: RemoteCalls): Promise<string[]> {
  try {
    const [handles] = await calls.call('sim.getObjectsInTree', [constants.sceneHandle]);
    const paths: string[] = [];
    for (const handle of Array.isArray(handles) ? handles.slice(0, 2000) : []) {
      const [alias] = await calls.call('sim.getObjectAlias', [handle, 1]);
      if (typeof alias === 'string') paths.push(oneLine(alias, 200));
    }
    return paths;
  } catch {
    // The error to be told is the missing object, whatever keeps the list from being made.
    return [];
  }
}

/** The paths whose last names are most like the one wanted. */
function nearest(wanted: string, there: readonly string[]): string[] {
  const last = (path: string) => path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const name = last(wanted);
  return there
    .map(path => ({ path, distance: last(path).includes(name) ? 0.5 : editDistance(name, last(path).slice(0, 60)) }))
    .filter(({ distance }) => distance <= Math.max(2, 0.6 * name.length))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SHOWN)
    .map(({ path }) => path);
}
