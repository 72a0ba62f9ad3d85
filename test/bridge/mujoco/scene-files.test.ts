import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMujocoSimulator, SceneError } from '../../../src/bridge/index.ts';
import { cup, describeScene, fixture, folderWith, sceneWith } from './scenes.ts';

const meshScene = (file: string, compiler = '') =>
  sceneWith({
    assets: `<mesh name="cup" file="${file}"/>`,
    bodies: '<body name="cup" pos="0 2 1"><geom name="cup" type="mesh" mesh="cup"/></body>',
    first: compiler,
  });

/** Four white pixels. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** A height field of MuJoCo's own format: two rows of three heights. */
const heightField = Buffer.concat([
  Buffer.from(Int32Array.of(2, 3).buffer),
  Buffer.from(Float32Array.of(0, 0.5, 1, 0, 0.5, 1).buffer),
]);
const obj = 'v 0 0 0\nv 0.1 0 0\nv 0 0.1 0\nv 0 0 0.1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n';

const shapesOf = async (scene: string) => (await describeScene(scene)).bodies.flatMap(({ shapes }) => shapes);

describe('files beside a scene', () => {
  it('loads a mesh beside the scene, with its triangles for viewers', async () => {
    const shape = (await shapesOf(fixture('files/mesh.xml'))).find(({ kind }) => kind === 'mesh');
    expect(shape?.mesh?.vertices).toHaveLength(12);
    expect(shape?.mesh?.faces).toHaveLength(12);
  });

  it('loads meshes, textures, height fields and nested includes from folders below the scene', async () => {
    const folder = folderWith({
      'scene.xml': sceneWith({
        first: '<compiler meshdir="meshes" texturedir="pictures"/><include file="parts/all.xml"/>',
        assets:
          '<mesh name="a" file="cup.stl"/><mesh name="b" file="../b&amp;c.obj"/><hfield name="hill" file="hill.bin" size="0.4 0.2 0.1 0.05"/>' +
          '<texture name="white" type="2d" file="white.png"/>',
        bodies:
          '<geom type="mesh" mesh="a"/><geom type="mesh" mesh="b"/><geom name="hill" type="hfield" hfield="hill"/>',
      }),
      'parts/all.xml': '<mujoco><include file="more.xml"/></mujoco>',
      'parts/more.xml': '<mujoco><worldbody><body name="included"><geom size="0.1"/></body></worldbody></mujoco>',
      'meshes/cup.stl': cup,
      'b&c.obj': obj,
      'meshes/hill.bin': heightField,
      'pictures/white.png': png,
    });
    const { bodies } = await describeScene(join(folder, 'scene.xml'));
    expect(bodies.map(({ name }) => name)).toContain('included');
    const shapes = bodies.flatMap(body => body.shapes);
    expect(shapes.filter(({ mesh }) => mesh !== undefined)).toHaveLength(3);
    const hill = shapes.find(({ name }) => name === 'hill')?.mesh;
    expect(hill?.vertices).toHaveLength(18);
    expect(hill?.vertices.slice(0, 3)).toEqual([-0.4, -0.2, 0]);
    expect(hill?.vertices[17]).toBeCloseTo(0.1, 12);
    expect(hill?.faces).toHaveLength(12);
  });

  it('sets size and mass of a block that is in an included file', async () => {
    const scene = sceneWith({});
    const body = /<body name="target"[\s\S]*?<\/body>/.exec(scene)?.[0] as string;
    const folder = folderWith({
      'scene.xml': scene.replace(body, '').replace('</worldbody>', '</worldbody><include file="block.xml"/>'),
      'block.xml': `<mujoco><worldbody>${body}</worldbody></mujoco>`,
    });
    const simulator = await createMujocoSimulator({
      scene: join(folder, 'scene.xml'),
      target: { size: [0.04, 0.06, 0.08], mass: 0.5 },
    });
    const { bodies } = await simulator.describe();
    await simulator.close();
    const target = bodies.find(({ name }) => name === 'target');
    expect(target?.mass).toBe(0.5);
    expect(target?.shapes[0]?.size).toEqual([0.02, 0.03, 0.04]);
  });

  it('compiles a scene anew when only a file beside it has changed', async () => {
    const vertices = async (content: string | Uint8Array, name: string) => {
      const folder = folderWith({ 'scene.xml': meshScene(name), [name]: content });
      return (await shapesOf(join(folder, 'scene.xml'))).find(({ kind }) => kind === 'mesh')?.mesh?.vertices;
    };
    const first = await vertices(obj, 'shape.obj');
    expect(await vertices(obj.replaceAll('0.1', '0.2'), 'shape.obj')).not.toEqual(first);
    expect(await vertices(obj, 'shape.obj')).toEqual(first);
  });

  it('names all files that are missing at once, with the path looked for', async () => {
    const folder = folderWith({
      'scene.xml': sceneWith({ assets: '<mesh name="a" file="a.stl"/>\n<texture name="b" type="2d" file="b.png"/>' }),
    });
    const opening = describeScene(join(folder, 'scene.xml'));
    await expect(opening).rejects.toThrow(SceneError);
    await expect(opening).rejects.toThrow(/a\.stl \(<mesh> in scene\.xml, line 28\): not found: .*a\.stl\n/);
    await expect(opening).rejects.toThrow(/b\.png \(<texture> in scene\.xml, line 29\): not found: .*b\.png\n/);
    await expect(describeScene(fixture('files/inc.xml'))).rejects.toThrow(
      /extra\.xml \(<include> in inc\.xml, line 1\)/,
    );
  });

  it.each([
    ['..', '../cup.stl', ''],
    ['an absolute path', '/etc/hostname', ''],
    ['a drive', 'C:\\cup.stl', ''],
    ['meshdir', 'cup.stl', '<compiler meshdir=".."/>'],
    ['an absolute meshdir', 'cup.stl', '<compiler meshdir="/etc"/>'],
    ['assetdir', 'cup.stl', '<compiler assetdir="deep/../.."/>'],
  ])('refuses a file outside the folder of the scene by %s', async (_, file, compiler) => {
    const folder = folderWith({ 'cup.stl': cup, 'inner/scene.xml': meshScene(file, compiler), 'inner/deep/x': '' });
    await expect(describeScene(join(folder, 'inner/scene.xml'))).rejects.toThrow(
      /<mesh> in scene\.xml, line \d+\): lies outside the folder of the scene/,
    );
  });

  it.skipIf(process.platform === 'win32')('refuses links out of the folder, and what is no file', async () => {
    const folder = folderWith({
      'secret/cup.stl': cup,
      'inner/scene.xml': sceneWith({
        assets: ['link.stl', 'linked/cup.stl', 'device', 'pipe', 'folder']
          .map(file => `<mesh name="${file}" file="${file}" content_type="model/stl"/>`)
          .join(''),
      }),
      'inner/folder/x': '',
    });
    symlinkSync('../secret/cup.stl', join(folder, 'inner/link.stl'));
    symlinkSync('../secret', join(folder, 'inner/linked'));
    symlinkSync('/dev/zero', join(folder, 'inner/device'));
    execFileSync('mkfifo', [join(folder, 'inner/pipe')]);
    const message = await describeScene(join(folder, 'inner/scene.xml')).catch((error: Error) => error.message);
    expect(message).toContain('5 files that cannot be used');
    expect(message).toMatch(/link\.stl .*lies outside the folder of the scene: it is a link to /);
    expect(message).toMatch(/linked\/cup\.stl .*lies outside/);
    expect(message).toMatch(/device .*lies outside/);
    expect(message).toMatch(/pipe .*not a file/);
    expect(message).toMatch(/folder .*not a file/);
  });

  it.skipIf(process.platform === 'win32')('follows links that stay inside the folder', async () => {
    const folder = folderWith({ 'scene.xml': meshScene('link.stl'), 'meshes/cup.stl': cup });
    symlinkSync('meshes/cup.stl', join(folder, 'link.stl'));
    expect((await shapesOf(join(folder, 'scene.xml'))).some(({ kind }) => kind === 'mesh')).toBe(true);
  });

  it('names the files of an include cycle, and limits the depth of includes', async () => {
    const include = (file: string) => `<mujoco><include file="${file}"/></mujoco>`;
    const folder = folderWith({ 'a.xml': include('b.xml'), 'b.xml': include('c.xml'), 'c.xml': include('b.xml') });
    await expect(describeScene(join(folder, 'a.xml'))).rejects.toThrow('includes itself: b.xml → c.xml → b.xml');
    const deep = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.xml`, include(`${i + 1}.xml`)]));
    await expect(describeScene(join(folderWith(deep), '0.xml'))).rejects.toThrow(/included too deeply/);
  });

  it('limits the references to files', async () => {
    const many = `<mujoco>${'<mesh file="no.stl"/>\n'.repeat(200_000)}</mujoco>`;
    const folder = folderWith({ 'scene.xml': `<mujoco><asset>${many.slice(8, -9)}</asset></mujoco>` });
    await expect(describeScene(join(folder, 'scene.xml'))).rejects.toThrow(
      /too many references to files: the limit is 10000/,
    );
  });

  it('refuses a file that is too large', async () => {
    const folder = folderWith({ 'scene.xml': meshScene('large.stl'), 'large.stl': new Uint8Array((64 << 20) + 1) });
    await expect(describeScene(join(folder, 'scene.xml'))).rejects.toThrow(/large\.stl .*too large: 67108865 bytes/);
  });
});

describe('a scene file that cannot be used', () => {
  it('reports broken XML with its line, before anything else', async () => {
    await expect(describeScene(fixture('files/bad.xml'))).rejects.toThrow(/XML parse error[\s\S]*Line number=1/);
    const folder = folderWith({
      'scene.xml':
        '<!-- one\ntwo -->\n<mujoco>\n<asset><mesh file="no.stl"/></asset>\n<worldbody><geom typ="box"/></worldbody></mujoco>',
      'include.xml': '<mujoco><include file="broken.xml"/></mujoco>',
      'broken.xml': '<mujoco><worldbody>',
    });
    await expect(describeScene(join(folder, 'scene.xml'))).rejects.toThrow(
      /unrecognized attribute: 'typ'[\s\S]*line 5/,
    );
    await expect(describeScene(join(folder, 'include.xml'))).rejects.toThrow(/XML parse error/);
  });

  it('names a scene of CoppeliaSim for what it is', async () => {
    await expect(describeScene('sawyer.ttt')).rejects.toThrow(
      /sawyer\.ttt is one of CoppeliaSim.*--simulator coppeliasim/,
    );
  });

  it('says why a scene file cannot be read', async () => {
    const folder = folderWith({ 'file.xml': '' });
    await expect(describeScene(join(folder, 'none.xml'))).rejects.toThrow(/failed: ENOENT.*none\.xml/);
    await expect(describeScene(folder)).rejects.toThrow(/failed: it is a directory, and a regular file is needed/);
  });

  it('names a URDF for what it is, and says what to do', async () => {
    await expect(describeScene(fixture('files/urdf.xml'))).rejects.toThrow(/URDF.*not a MuJoCo scene.*compile/);
  });

  it('lists all names that are missing at once, with what each is for and the names that are there', async () => {
    const message = await describeScene(fixture('others/other-joint-names.xml')).catch((error: Error) => error.message);
    expect(message).toMatch(/lacks 2 names.*\n {2}joint "j6": hinge 7 of the arm.*\n {2}actuator "j6": /);
    expect(message).toContain('Other names of the kind joint there: "joint_6"');
    const empty = await describeScene(fixture('others/two-bodies-and-a-cup.xml')).catch(
      (error: Error) => error.message,
    );
    expect(empty).toMatch(/lacks 28 names/);
    for (const name of ['j0', 'j6', 'gripper', 'target', 'tip', 'proximity', 'left_pad', 'right_pad_table'])
      expect(empty).toContain(`"${name}"`);
    expect(empty).toContain('"shoulder_pan"');
  });

  it('rejects a free body that would fall through the table, unless a pair or its own contacts hold it', async () => {
    const opening = describeScene(fixture('others/two-blocks.xml'));
    await expect(opening).rejects.toThrow(/free body "target2".*falls through table and floor.*<pair/);
    const block = (attributes: string) =>
      `<body name="other" pos="0.3 0.2 0.78"><freejoint/><geom name="other" type="box" size="0.02 0.02 0.02" ${attributes}/></body>`;
    const withPair = sceneWith({ bodies: block('') }).replace(
      '<contact>\n',
      '<contact><pair geom1="other" geom2="table"/>',
    );
    const withContacts = sceneWith({ bodies: block('contype="1" conaffinity="1"') }).replace(
      '<geom name="table"',
      '<geom name="table" contype="1" conaffinity="1"',
    );
    for (const scene of [withPair, withContacts]) {
      const folder = folderWith({ 'scene.xml': scene });
      expect((await describeScene(join(folder, 'scene.xml'))).bodies.map(({ name }) => name)).toContain('other');
    }
  });

  it('lists all parts that are built otherwise at once', async () => {
    const scene = sceneWith({})
      .replace('<freejoint name="target"/>', '<joint name="target" type="hinge"/>')
      .replace('<joint name="j6" class="wrist"', '<joint name="j6" class="wrist" type="slide"')
      .replace(
        'name="left_pad_table" geom1="left_pad" geom2="table" data="found force"',
        'name="left_pad_table" geom1="left_pad" geom2="table" data="found"',
      );
    const message = await describeScene(join(folderWith({ 'scene.xml': scene }), 'scene.xml')).catch(
      (error: Error) => error.message,
    );
    expect(message).toContain('joint "j6" must be of the type hinge, but is of the type slide');
    expect(message).toContain('joint "target" must be of the type free, but is of the type hinge');
    expect(message).toContain('sensor "left_pad_table" must be a <contact>');
  });
});
