import { fileURLToPath } from 'node:url';
import type { MainModule, MjModel } from '@mujoco/mujoco';
import { UsageError } from '../../common/errors.ts';
import { readTextFile } from '../../common/regular-file.ts';
import type { Vector3 } from '../../common/rotations.ts';
import { SceneError } from '../errors.ts';

/** The block to grasp. */
export interface TargetOptions {
  /** Full extents along its own axes, m. */
  readonly size: Vector3;
  /** kg */
  readonly mass: number;
}

/** The scene that comes with the package. */
export const defaultScene = fileURLToPath(new URL('../../../scenes/sawyer-grasp.xml', import.meta.url));

/** Reads a scene file. Throws SceneError where there is none. */
export async function readScene(path: string): Promise<string> {
  try {
    return readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof UsageError ? `: ${cause.message}` : '';
    throw new SceneError(`Reading the scene ${path} failed${reason}. Check the path; it must be a MuJoCo XML file.`, {
      cause,
    });
  }
}

/**
 * Compiles a scene.
 *
 * Its text is changed and compiled, rather than MuJoCo's editable specification, which leaks some 0.25 MB of WebAssembly
 * memory each time (3.14.0).
 *
 * @param target replaces size and mass of the shape `target`; its inertia follows, as it is compiled with them.
 * @param discardVisual leaves out all shapes that take no part in the physics: they cost time in every step.
 * @throws SceneError with MuJoCo's own complaint.
 */
export function compileScene(
  mujoco: MainModule,
  path: string,
  xml: string,
  target: TargetOptions | undefined,
  discardVisual: boolean,
): MjModel {
  let text = xml.replace(/<!--[\s\S]*?-->/g, '');
  const root = /<mujoco\b[^>]*>/;
  if (!/<compiler\b/.test(text)) text = text.replace(root, '$&<compiler/>');
  text = text.replace(/<compiler\b[^>]*>/, tag => withAttributes(tag, { discardvisual: String(discardVisual) }));
  if (target) text = withTarget(path, text, target);
  try {
    return mujoco.MjModel.from_xml_string(text);
  } catch (cause) {
    const complaint = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new SceneError(`Compiling the scene ${path} failed: ${complaint}`, { cause });
  }
}

function withTarget(path: string, text: string, target: TargetOptions): string {
  const pattern = /<geom\b[^>]*\bname="target"[^>]*>/;
  const tag = pattern.exec(text)?.[0];
  if (!tag || !/\btype="box"/.test(tag))
    throw new SceneError(
      `The scene ${path} has no <geom name="target" type="box" …> whose size and mass could be set.`,
    );
  const size = target.size.map(extent => extent / 2).join(' ');
  return text.replace(pattern, withAttributes(tag, { size, mass: String(target.mass) }));
}

/** An XML start tag with attributes set, whether it had them or not. */
function withAttributes(tag: string, attributes: Readonly<Record<string, string>>): string {
  let changed = tag;
  for (const [name, value] of Object.entries(attributes)) {
    changed = changed.replace(new RegExp(`\\s${name}="[^"]*"`), '');
    changed = changed.replace(/^<\w+/, `$& ${name}="${value}"`);
  }
  return changed;
}
