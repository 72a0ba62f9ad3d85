import { writeFileSync } from 'node:fs';
import type { Caller } from '../../../../src/bridge/coppeliasim/scene-builder/index.ts';

/** Rows of a 4 × 4 matrix. */
type Matrix = readonly (readonly number[])[];

export interface RecordedObject {
  readonly kind: 'shape' | 'joint' | 'dummy' | 'sensor';
  alias: string;
  parent: number;
  /** In the frame that the parent's children hang in; in the world without one. */
  local: Matrix;
  readonly type: number;
  /** Of a shape: its parts, with their sizes and their poses in its frame. */
  parts: {
    readonly type: number;
    readonly sizes: readonly number[];
    readonly pose: Matrix;
    color: readonly number[];
  }[];
  position: number;
  interval: readonly [boolean, readonly number[]];
  mass: number;
  inertia: readonly number[];
  inertiaFrame: readonly number[];
  readonly params: Map<number, number>;
  readonly engine: Map<number, number>;
  force: number;
}

/**
 * Stands for CoppeliaSim while a scene is built: keeps the tree of objects that it is told to make, and knows where each
 * one is, from its own matrices. Where CoppeliaSim chooses a frame (of a group, of a mesh), this one chooses a crooked one.
 */
export class RecordedSim implements Caller {
  objects = new Map<number, RecordedObject>();
  readonly parameters = new Map<string, unknown>();
  readonly calls: string[] = [];
  /** Handed in by a test to make a function fail. */
  failing: string | undefined;
  simulationState = 0;
  private next = 0;

  constructor() {
    this.defaultScene();
  }

  async call(func: string, args: readonly unknown[] = []): Promise<unknown[]> {
    const name = func.replace(/^sim\./, '');
    this.calls.push(name);
    if (this.failing === name) throw new Error(`354: in ${func}: told to fail.`);
    const method = this.functions[name];
    if (method === undefined) throw new Error(`No such function: ${func}`);
    const result = method(...(args as never[])); // Each function knows its own arguments.
    return result === undefined ? [] : [result];
  }

  find(alias: string): RecordedObject & { readonly handle: number } {
    for (const [handle, object] of this.objects) if (object.alias === alias) return { ...object, handle };
    throw new Error(`There is no ${alias}, but ${[...this.objects.values()].map(object => object.alias).join(' ')}`);
  }

  /** `/a/b/c` */
  path(handle: number): string {
    const object = this.object(handle);
    return `${object.parent < 0 ? '' : this.path(object.parent)}/${object.alias}`;
  }

  world(handle: number): Matrix {
    const { parent, local } = this.object(handle);
    return parent < 0 ? local : product(this.childFrame(parent), local);
  }

  setJoint(alias: string, position: number): void {
    this.object(this.find(alias).handle).position = position;
  }

  position(alias: string): number[] {
    return this.world(this.find(alias).handle)
      .slice(0, 3)
      .map(row => row[3] as number);
  }

  private object(handle: number): RecordedObject {
    const object = this.objects.get(handle);
    if (object === undefined) throw new Error('354: object does not exist.');
    return object;
  }

  /** Where what hangs on an object is measured from: behind a joint's motion. */
  private childFrame(handle: number): Matrix {
    const object = this.object(handle);
    const frame = this.world(handle);
    if (object.kind !== 'joint' || object.type === 12) return frame;
    const [c, s] = [Math.cos(object.position), Math.sin(object.position)];
    const slides = object.type === 11;
    const motion = slides
      ? [
          [1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, object.position],
          [0, 0, 0, 1],
        ]
      : [
          [c, -s, 0, 0],
          [s, c, 0, 0],
          [0, 0, 1, 0],
          [0, 0, 0, 1],
        ];
    return product(frame, motion);
  }

  private place(handle: number, world: Matrix): void {
    const object = this.object(handle);
    object.local = object.parent < 0 ? world : product(inverse(this.childFrame(object.parent)), world);
  }

  private add(kind: RecordedObject['kind'], type = 0, parts: RecordedObject['parts'] = []): number {
    const handle = this.next++;
    this.objects.set(handle, {
      kind,
      type,
      parts,
      alias: kind,
      parent: -1,
      local: identity,
      position: 0,
      interval: [true, [0, 0]],
      mass: 1,
      inertia: [],
      inertiaFrame: [],
      params: new Map(),
      engine: new Map(),
      force: 0,
    });
    return handle;
  }

  private defaultScene(): void {
    this.objects = new Map();
    this.object(this.add('shape')).alias = 'Floor';
    this.object(this.add('dummy')).alias = 'DefaultLights';
  }

  // biome-ignore lint/suspicious/noExplicitAny: one table for functions of every signature.
  private readonly functions: Readonly<Record<string, (...args: any[]) => unknown>> = {
    getSimulationState: () => this.simulationState,
    loadScene: (path: string) => {
      if (path !== '') throw new Error('only new scenes are recorded');
      this.defaultScene();
    },
    closeScene: () => this.defaultScene(),
    saveScene: (path: string) =>
      writeFileSync(path, JSON.stringify([...this.objects.values()].map(({ alias }) => alias))),
    getObject: (path: string, { noError }: { noError?: boolean }) => {
      for (const [handle, object] of this.objects) if (`/${object.alias}` === path) return handle;
      if (noError) return -1;
      throw new Error('354: object does not exist.');
    },
    removeModel: (handle: number) => void this.objects.delete(handle),
    setInt32Param: (id: number, value: number) => void this.parameters.set(`int ${id}`, value),
    setFloatParam: (id: number, value: number) => void this.parameters.set(`float ${id}`, value),
    setArrayParam: (id: number, value: readonly number[]) => void this.parameters.set(`array ${id}`, value),
    createPrimitiveShape: (type: number, sizes: readonly number[], _options: number) =>
      this.add('shape', type, [{ type, sizes, pose: identity, color: [] }]),
    createMeshShape: (_options: number, _angle: number, vertices: readonly number[], indices: readonly number[]) => {
      if (vertices.length === 0 || Math.max(...indices) * 3 >= vertices.length) throw new Error('bad mesh');
      const [low, high] = [0, 1, 2]
        .map(axis => vertices.filter((_, i) => i % 3 === axis))
        .reduce(
          ([lows, highs], values) => [
            [...(lows as number[]), Math.min(...values)],
            [...(highs as number[]), Math.max(...values)],
          ],
          [[], []] as number[][],
        ) as [number[], number[]];
      const center = low.map((value, axis) => (value + (high[axis] as number)) / 2);
      const sizes = low.map((value, axis) => (high[axis] as number) - value);
      const handle = this.add('shape', 0);
      const world = product(translation(center), crooked);
      this.place(handle, world);
      this.object(handle).parts = [{ type: 0, sizes, pose: product(inverse(world), translation(center)), color: [] }];
      return handle;
    },
    groupShapes: (handles: readonly number[], _merge: boolean) => {
      const parts = handles.flatMap(handle =>
        this.object(handle).parts.map(part => ({ ...part, pose: product(this.world(handle), part.pose) })),
      );
      const handle = this.add('shape');
      const world = product(this.world(handles[0] as number), crooked);
      for (const old of handles) this.objects.delete(old);
      this.place(handle, world);
      this.object(handle).parts = parts.map(part => ({ ...part, pose: product(inverse(world), part.pose) }));
      return handle;
    },
    createJoint: (type: number, mode: number, _options: number, _sizes: readonly number[]) => {
      if (mode !== 5) throw new Error('only dynamic joints are recorded');
      return this.add('joint', type);
    },
    createForceSensor: (_options: number, ints: readonly number[], floats: readonly number[]) => {
      if (ints.length !== 5 || floats.length !== 5) throw new Error('bad force sensor');
      return this.add('sensor');
    },
    createDummy: (_size: number) => this.add('dummy'),
    setObjectPose: (handle: number, pose: readonly number[]) => this.place(handle, fromPose(pose)),
    getObjectPose: (handle: number) => toPose(this.world(handle)),
    setObjectAlias: (handle: number, alias: string) => {
      this.object(handle).alias = alias;
    },
    setObjectParent: (handle: number, parent: number, inPlace: boolean) => {
      if (!inPlace) throw new Error('only in place is recorded');
      const world = this.world(handle);
      this.object(handle).parent = parent;
      this.object(parent);
      this.place(handle, world);
    },
    setShapeColor: (handle: number, name: null, _component: number, color: readonly number[]) => {
      if (name !== null) throw new Error('only the shape itself is recorded');
      for (const part of this.object(handle).parts) part.color = color;
    },
    setShapeMass: (handle: number, mass: number) => {
      if (!(mass > 0)) throw new Error('bad mass');
      this.object(handle).mass = mass;
    },
    setShapeInertia: (handle: number, inertia: readonly number[], frame: readonly number[]) => {
      if (inertia.length !== 9 || frame.length !== 12) throw new Error('bad inertia');
      Object.assign(this.object(handle), { inertia, inertiaFrame: frame });
    },
    setObjectInt32Param: (handle: number, id: number, value: number) => void this.object(handle).params.set(id, value),
    setEngineFloatParam: (id: number, handle: number, value: number) => void this.object(handle).engine.set(id, value),
    setJointInterval: (handle: number, cyclic: boolean, interval: readonly number[]) => {
      this.object(handle).interval = [cyclic, interval];
    },
    setJointPosition: (handle: number, position: number) => {
      this.object(handle).position = position;
    },
    setJointTargetForce: (handle: number, force: number) => {
      this.object(handle).force = force;
    },
    setJointTargetVelocity: (handle: number, _velocity: number) => void this.object(handle),
  };
}

const identity: Matrix = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];
/** Some rotation and some way off. */
const crooked = fromPose([0.01, -0.02, 0.03, 0.5, -0.5, 0.5, 0.5]);

export function product(a: Matrix, b: Matrix): Matrix {
  return a.map(row =>
    [0, 1, 2, 3].map(j => row.reduce((sum, value, k) => sum + value * ((b[k] as number[])[j] as number), 0)),
  );
}

export function inverse(m: Matrix): Matrix {
  const turned = [0, 1, 2].map(i => [0, 1, 2].map(j => (m[j] as number[])[i] as number));
  const moved = turned.map(row => -row.reduce((sum, value, k) => sum + value * ((m[k] as number[])[3] as number), 0));
  return [...turned.map((row, i) => [...row, moved[i] as number]), [0, 0, 0, 1]];
}

function translation([x, y, z]: readonly number[]): Matrix {
  return [
    [1, 0, 0, x as number],
    [0, 1, 0, y as number],
    [0, 0, 1, z as number],
    [0, 0, 0, 1],
  ];
}

export function fromPose(pose: readonly number[]): Matrix {
  const [px, py, pz, x, y, z, w] = pose as [number, number, number, number, number, number, number];
  const s = 2 / (x * x + y * y + z * z + w * w);
  return [
    [1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y), px],
    [s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x), py],
    [s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y), pz],
    [0, 0, 0, 1],
  ];
}

/** The quaternion by its largest component, so that none is lost in the root of something near zero. */
export function toPose(m: Matrix): number[] {
  const at = (i: number, j: number) => (m[i] as number[])[j] as number;
  const trace = at(0, 0) + at(1, 1) + at(2, 2);
  const squares = [0, 1, 2].map(i => 1 + 2 * at(i, i) - trace);
  squares.push(1 + trace);
  const largest = squares.indexOf(Math.max(...squares));
  const [i, j, k] = [largest % 3, (largest + 1) % 3, (largest + 2) % 3];
  const quaternion = [0, 0, 0, 0];
  const root = Math.sqrt(Math.max(...squares));
  quaternion[largest] = root / 2;
  if (largest === 3) {
    for (const axis of [0, 1, 2])
      quaternion[axis] = (at((axis + 2) % 3, (axis + 1) % 3) - at((axis + 1) % 3, (axis + 2) % 3)) / (2 * root);
  } else {
    quaternion[j] = (at(j, i) + at(i, j)) / (2 * root);
    quaternion[k] = (at(k, i) + at(i, k)) / (2 * root);
    quaternion[3] = (at(k, j) - at(j, k)) / (2 * root);
  }
  return [at(0, 3), at(1, 3), at(2, 3), ...quaternion];
}
