import { posix } from 'node:path';
import { lineCounter, tagsOf } from './scene-xml.ts';

/** A file that the XML of a scene refers to. */
export interface FileReference {
  /** The XML file that refers to it, relative to the scene's folder. */
  readonly from: string;
  readonly line: number;
  /** The element: `mesh`, `texture`, `hfield`, `include`, `model` … */
  readonly element: string;
  /** The path as it is written there. */
  readonly file: string;
}

/** Folders in which MuJoCo looks for files, as the `<compiler>` elements of a document give them. */
export interface AssetFolders {
  readonly meshes: Set<string>;
  readonly textures: Set<string>;
  /** Whether MuJoCo ignores the folders in file names. */
  stripPath: boolean;
}

const fileAttributes = ['file', 'fileright', 'fileleft', 'fileup', 'filedown', 'filefront', 'fileback'];
/** Attributes named `file` that MuJoCo opens; those of any other element, such as `<text>`, are left alone. */
const elements = new Set(['include', 'model', 'mesh', 'texture', 'hfield', 'skin', 'flexcomp']);

/** Lists the files that an XML text without comments refers to, and adds its `<compiler>` folders to `folders`. */
export function referencesIn(from: string, xml: string, folders: AssetFolders): FileReference[] {
  const references: FileReference[] = [];
  const lineAt = lineCounter(xml);
  for (const { name, attributes, start } of tagsOf(xml)) {
    if (name === 'compiler') readFolders(attributes, folders);
    if (!elements.has(name)) continue;
    for (const attribute of fileAttributes) {
      const file = attributes.get(attribute);
      if (file) references.push({ from, line: lineAt(start), element: name, file });
    }
  }
  return references;
}

function readFolders(attributes: ReadonlyMap<string, string>, folders: AssetFolders): void {
  const shared = attributes.get('assetdir');
  const meshes = attributes.get('meshdir') ?? shared;
  const textures = attributes.get('texturedir') ?? shared;
  if (meshes) folders.meshes.add(meshes);
  if (textures) folders.textures.add(textures);
  if (attributes.get('strippath') === 'true') folders.stripPath = true;
}

/**
 * Lists where MuJoCo may look for a file, relative to the folder of the document's main file: below the folder that
 * `<compiler>` names, beside the main file, and beside the file that refers to it.
 */
export function placesOf({ from, element, file }: FileReference, main: string, folders: AssetFolders): string[] {
  const name = folders.stripPath ? posix.basename(file) : file;
  const isXml = element === 'include' || element === 'model';
  const below = isXml ? [] : [...(element === 'texture' ? folders.textures : folders.meshes)];
  const bases = new Set([posix.dirname(main), posix.dirname(from)]);
  const places = [...bases].flatMap(base => (below.length === 0 ? [''] : below).map(folder => [base, folder] as const));
  return places.map(([base, folder]) =>
    // An absolute name or folder stays one: it is outside the scene's folder.
    [base, folder, name].reduce((path, part) => (isAbsolute(part) ? part : posix.join(path, part))),
  );
}

/** Whether a path starts at a root, on any operating system. */
export function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:|\w+:\/\/)/.test(path);
}
