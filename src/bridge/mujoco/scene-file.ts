import { createHash } from 'node:crypto';
import { basename, dirname, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MainModule, MjModel } from '@mujoco/mujoco';
import type { Vector3 } from '../../common/rotations.ts';
import { SceneError } from '../errors.ts';
import type { SceneSource } from './scene-source.ts';
import { tagsOf, withAttributes, withoutComments, type XmlTag } from './scene-xml.ts';

/** The block to grasp. */
export interface TargetOptions {
  /** Full extents along its own axes, m. */
  readonly size: Vector3;
  /** kg */
  readonly mass: number;
}

/** The scene that comes with the package. */
export const defaultScene = fileURLToPath(new URL('../../../scenes/sawyer-grasp.xml', import.meta.url));

/**
 * Compiles a scene.
 *
 * Its text is changed and compiled, rather than MuJoCo's editable specification, which leaks some 0.25 MB of WebAssembly
 * memory each time (3.14.0). MuJoCo sees a file system in memory that holds the scene's files and nothing else.
 *
 * @param target replaces size and mass of the shape `target`, if the scene has one; its inertia follows, as it is
 * compiled with them.
 * @param discardVisual leaves out all shapes that take no part in the physics: they cost time in every step.
 * @throws SceneError with MuJoCo's own message for wrong XML, and otherwise for files that cannot be used.
 */
export function compileScene(
  mujoco: MainModule,
  scene: SceneSource,
  target: TargetOptions | undefined,
  discardVisual: boolean,
): MjModel {
  const prepared = (xml: string) => withDiscardVisual(withTarget(xml, target), discardVisual);
  const main = prepared(withCompiler(withoutComments(scene.xml)));
  const files = new Map<string, string | Uint8Array>();
  for (const [name, content] of scene.files)
    files.set(name, typeof content === 'string' ? prepared(withoutComments(content)) : content);
  files.set(basename(scene.path), main);
  const result = compileFiles(mujoco, basename(scene.path), files);
  const complaint = typeof result === 'string' ? result : undefined;
  try {
    if (complaint !== undefined && isWrongXml(complaint)) throw failure(scene, complaint);
    if (rootOf(main) === 'robot')
      throw new SceneError(
        `The scene ${scene.path} is a robot description (URDF, root <robot>), not a MuJoCo scene. ` +
          "Convert it with MuJoCo's compile program (compile robot.urdf robot.xml), and add what scenes/sawyer-grasp.xml has beside the arm.",
      );
    if (scene.problems.length > 0) throw unusable(scene);
    if (complaint !== undefined) throw failure(scene, complaint);
  } catch (error) {
    if (typeof result !== 'string') result.delete();
    throw error;
  }
  return result as MjModel; // It is no complaint.
}

/** Throws SceneError if the scene has no block whose size and mass {@link compileScene} can set. */
export function checkTargetTag({ path, xml, files }: SceneSource): void {
  for (const text of [xml, ...files.values()]) if (typeof text === 'string' && targetTag(withoutComments(text))) return;
  throw new SceneError(`The scene ${path} has no <geom name="target" type="box" …> whose size and mass could be set.`);
}

/** The model, or MuJoCo's complaint, in which paths are relative to the scene's folder. */
function compileFiles(
  mujoco: MainModule,
  main: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): MjModel | string {
  const { FS } = mujoco;
  // Named by its content: MuJoCo keeps meshes and textures in a cache by their path.
  const hash = createHash('sha256');
  for (const [name, content] of files) hash.update(`${name}\0${content.length}\0`).update(content);
  const folder = `/scene-${hash.digest('hex').slice(0, 16)}`;
  try {
    for (const [name, content] of files) {
      const path = posix.join(folder, name);
      FS.mkdirTree(posix.dirname(path), folderMode);
      FS.writeFile(path, content);
    }
    return mujoco.MjModel.from_xml_path(posix.join(folder, main));
  } catch (cause) {
    const complaint = cause instanceof Error ? cause.message.trim() : String(cause);
    return complaint.replace(/^MuJoCo Error: /, '').replaceAll(`${folder}/`, '');
  } finally {
    removeTree(FS, folder);
  }
}

const folderMode = 0o777;

function removeTree(FS: MainModule['FS'], folder: string): void {
  for (const name of FS.readdir(folder) as string[]) {
    if (name === '.' || name === '..') continue;
    const path = posix.join(folder, name);
    if (FS.isDir(FS.stat(path, false).mode)) removeTree(FS, path);
    else FS.unlink(path);
  }
  FS.rmdir(folder);
}

/** Whether MuJoCo complains of the XML itself, rather than of a file that is not there. */
function isWrongXml(complaint: string): boolean {
  return /XML Error|XML parse error|ParseXML/.test(complaint) && !/Error opening file|already included/.test(complaint);
}

function failure({ path }: SceneSource, complaint: string): SceneError {
  return new SceneError(`Compiling the scene ${path} failed: ${complaint}`);
}

function unusable({ path, problems }: SceneSource): SceneError {
  const shown = problems.slice(0, 20).map(problem => `\n  ${problem}`);
  const more = problems.length - shown.length;
  return new SceneError(
    `The scene ${path} refers to ${problems.length === 1 ? 'a file' : `${problems.length} files`} that cannot be used:${shown.join('')}` +
      `${more > 0 ? `\n  and ${more} more` : ''}\nThe files of a scene must be in its folder, ${dirname(path)}, or below it, and be referred to by relative paths.`,
  );
}

function rootOf(xml: string): string | undefined {
  for (const { name } of tagsOf(xml)) return name;
  return undefined;
}

/** Sets `discardvisual` in every `<compiler>`: MuJoCo takes the last one. */
function withDiscardVisual(xml: string, discard: boolean): string {
  return xml.replace(/<compiler\b[^>]*>/g, tag => withAttributes(tag, { discardvisual: String(discard) }));
}

function withCompiler(xml: string): string {
  return /<compiler\b/.test(xml) ? xml : xml.replace(/<mujoco>|<mujoco\b[^>]*[^/>]>/, '$&<compiler/>');
}

function targetTag(xml: string): XmlTag | undefined {
  for (const tag of tagsOf(xml))
    if (tag.name === 'geom' && tag.attributes.get('name') === 'target')
      return tag.attributes.get('type') === 'box' ? tag : undefined;
  return undefined;
}

function withTarget(xml: string, target: TargetOptions | undefined): string {
  const tag = target && targetTag(xml);
  if (!tag) return xml;
  const size = target.size.map(extent => extent / 2).join(' ');
  const changed = withAttributes(xml.slice(tag.start, tag.end), { size, mass: String(target.mass) });
  return xml.slice(0, tag.start) + changed + xml.slice(tag.end);
}
