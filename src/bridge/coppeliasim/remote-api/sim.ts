import type { Quaternion, Vector3 } from '../../../common/rotations.ts';
import type { RemoteCallback } from './callbacks.ts';
import type { SimConstants } from './sim-constants.ts';

/** Names an object of the scene, a script or a collection; -1 is none, or the world where a frame is meant. */
export type Handle = number;
/** x y z in m, then a quaternion x y z w. */
export type SimPose = readonly [x: number, y: number, z: number, qx: number, qy: number, qz: number, qw: number];
/** Three rows of four: a rotation and, in the last column, a position in m. */
export type SimMatrix = readonly number[];
export type Color = readonly [red: number, green: number, blue: number];
/** Whether something was detected (1, 0; -1 failed), and then its distance (m), point, handle and surface normal. */
export type ProximityReading = readonly [
  result: number,
  distance?: number,
  point?: Vector3,
  object?: Handle,
  normal?: Vector3,
];
/** Bytes of pixels, and width and height. */
export type Picture = readonly [pixels: Uint8Array, resolution: readonly [number, number]];
type Numbers = readonly number[];
type Handles = readonly Handle[];

/** Objects of the scene: what they are, where they are. Positions in m, angles in rad; relative to the world by default. */
export interface SimObjects {
  /** `/path` below the root, `./path` below the script's object; -1 with `noError` where there is none. */
  getObject(path: string, options?: { index?: number; proxy?: Handle; noError?: boolean }): Promise<Handle>;
  /** Options: 0 alias, 1 short path, 2 full path, 3 short path in parts, 4 alias and handle, 5 path with dots. */
  getObjectAlias(object: Handle, options?: number): Promise<string>;
  setObjectAlias(object: Handle, alias: string): Promise<void>;
  getObjectType(object: Handle): Promise<number>;
  getObjectUid(object: Handle): Promise<number>;
  isHandle(object: Handle): Promise<boolean>;
  /** The object of that index among all of a type, -1 behind the last. */
  getObjects(index: number, type: number): Promise<Handle>;
  getObjectsInTree(base: Handle, type?: number, options?: number): Promise<Handle[]>;
  getObjectParent(object: Handle): Promise<Handle>;
  setObjectParent(object: Handle, parent: Handle, keepInPlace?: boolean): Promise<void>;
  getObjectChild(object: Handle, index: number): Promise<Handle>;
  getObjectPosition(object: Handle, relativeTo?: Handle): Promise<Vector3>;
  setObjectPosition(object: Handle, position: Vector3, relativeTo?: Handle): Promise<void>;
  /** Euler angles, intrinsic x y z. */
  getObjectOrientation(object: Handle, relativeTo?: Handle): Promise<Vector3>;
  setObjectOrientation(object: Handle, angles: Vector3, relativeTo?: Handle): Promise<void>;
  getObjectQuaternion(object: Handle, relativeTo?: Handle): Promise<Quaternion>;
  setObjectQuaternion(object: Handle, quaternion: Quaternion, relativeTo?: Handle): Promise<void>;
  getObjectPose(object: Handle, relativeTo?: Handle): Promise<SimPose>;
  setObjectPose(object: Handle, pose: SimPose, relativeTo?: Handle): Promise<void>;
  getObjectMatrix(object: Handle, relativeTo?: Handle): Promise<SimMatrix>;
  setObjectMatrix(object: Handle, matrix: SimMatrix, relativeTo?: Handle): Promise<void>;
  getObjectChildPose(object: Handle): Promise<SimPose>;
  setObjectChildPose(object: Handle, pose: SimPose): Promise<void>;
  /** Linear (m/s) and angular (rad/s) velocity. */
  getObjectVelocity(object: Handle): Promise<readonly [linear: Vector3, angular: Vector3]>;
  getObjectInt32Param(object: Handle, parameter: number): Promise<number>;
  setObjectInt32Param(object: Handle, parameter: number, value: number): Promise<void>;
  getObjectFloatParam(object: Handle, parameter: number): Promise<number>;
  setObjectFloatParam(object: Handle, parameter: number, value: number): Promise<void>;
  getObjectFloatArrayParam(object: Handle, parameter: number): Promise<number[]>;
  setObjectFloatArrayParam(object: Handle, parameter: number, values: Numbers): Promise<void>;
  getObjectStringParam(object: Handle, parameter: number): Promise<string | Uint8Array>;
  setObjectStringParam(object: Handle, parameter: number, value: string | Uint8Array): Promise<void>;
  getObjectProperty(object: Handle): Promise<number>;
  setObjectProperty(object: Handle, property: number): Promise<void>;
  getObjectSpecialProperty(object: Handle): Promise<number>;
  setObjectSpecialProperty(object: Handle, property: number): Promise<void>;
  getModelProperty(object: Handle): Promise<number>;
  setModelProperty(object: Handle, property: number): Promise<void>;
  getObjectColor(object: Handle, index: number, component: number): Promise<Color>;
  setObjectColor(object: Handle, index: number, component: number, color: Color): Promise<boolean>;
  getObjectSel(): Promise<Handle[]>;
  setObjectSel(objects: Handles): Promise<void>;
  copyPasteObjects(objects: Handles, options?: number): Promise<Handle[]>;
  removeObjects(objects: Handles, delayed?: boolean): Promise<void>;
  removeModel(object: Handle, delayed?: boolean): Promise<number>;
  scaleObjects(objects: Handles, factor: number, positionsToo: boolean): Promise<void>;
  createDummy(size: number): Promise<Handle>;
  createForceSensor(options: number, integers: Numbers, numbers: Numbers): Promise<Handle>;
  /** Whether the force sensor works, and its force (N) and torque (N·m). */
  readForceSensor(sensor: Handle): Promise<readonly [result: number, force?: Vector3, torque?: Vector3]>;
}

/** Joints: angles in rad or positions in m, velocities by the second, forces in N or N·m. */
export interface SimJoints {
  createJoint(type: number, mode: number, options: number, sizes?: Numbers): Promise<Handle>;
  getJointType(joint: Handle): Promise<number>;
  getJointMode(joint: Handle): Promise<readonly [mode: number, options: number]>;
  setJointMode(joint: Handle, mode: number, options?: number): Promise<void>;
  getJointPosition(joint: Handle): Promise<number>;
  setJointPosition(joint: Handle, position: number): Promise<void>;
  getJointVelocity(joint: Handle): Promise<number>;
  getJointForce(joint: Handle): Promise<number>;
  getJointTargetPosition(joint: Handle): Promise<number>;
  setJointTargetPosition(joint: Handle, position: number, motion?: Numbers): Promise<void>;
  getJointTargetVelocity(joint: Handle): Promise<number>;
  setJointTargetVelocity(joint: Handle, velocity: number, motion?: Numbers): Promise<void>;
  getJointTargetForce(joint: Handle): Promise<number>;
  setJointTargetForce(joint: Handle, force: number, signed?: boolean): Promise<void>;
  /** Whether it turns without end; its lowest position, and its range. */
  getJointInterval(
    joint: Handle,
  ): Promise<readonly [cyclic: boolean, interval: readonly [lowest: number, range: number]]>;
  setJointInterval(joint: Handle, cyclic: boolean, interval: readonly [lowest: number, range: number]): Promise<void>;
  getJointDependency(joint: Handle): Promise<readonly [master: Handle, offset: number, factor: number]>;
  setJointDependency(joint: Handle, master: Handle, offset: number, factor: number): Promise<void>;
}

/** Shapes: sizes in m, masses in kg. */
export interface SimShapes {
  createPrimitiveShape(type: number, sizes: Vector3, options?: number): Promise<Handle>;
  createMeshShape(options: number, shadingAngle: number, vertices: Numbers, indices: Numbers): Promise<Handle>;
  groupShapes(shapes: Handles, merge?: boolean): Promise<Handle>;
  ungroupShape(shape: Handle): Promise<Handle[]>;
  getShapeMass(shape: Handle): Promise<number>;
  setShapeMass(shape: Handle, mass: number): Promise<void>;
  getShapeInertia(shape: Handle): Promise<readonly [inertia: Numbers, centerOfMass: SimMatrix]>;
  setShapeInertia(shape: Handle, inertia: Numbers, centerOfMass: SimMatrix): Promise<void>;
  /** Its size, and the pose of the box around it in the shape's frame. */
  getShapeBB(shape: Handle): Promise<readonly [size: Vector3, pose: SimPose]>;
  setShapeBB(shape: Handle, size: Vector3): Promise<void>;
  getShapeGeomInfo(shape: Handle): Promise<readonly [result: number, pureType: number, dimensions: Numbers]>;
  getShapeMesh(shape: Handle): Promise<readonly [vertices: Numbers, indices: Numbers, normals: Numbers]>;
  getShapeColor(
    shape: Handle,
    name: string | null,
    component: number,
  ): Promise<readonly [result: number, color: Color]>;
  setShapeColor(shape: Handle, name: string | null, component: number, color: Color): Promise<void>;
  setShapeMaterial(shape: Handle, material: Handle): Promise<void>;
  relocateShapeFrame(shape: Handle, pose: SimPose): Promise<number>;
  alignShapeBB(shape: Handle, pose: SimPose): Promise<number>;
  addForce(shape: Handle, position: Vector3, force: Vector3): Promise<void>;
  addForceAndTorque(shape: Handle, force?: Vector3, torque?: Vector3): Promise<void>;
  resetDynamicObject(object: Handle): Promise<void>;
  isDynamicallyEnabled(object: Handle): Promise<boolean>;
}

/** The simulation and its scene: times in s. */
export interface SimSimulation {
  startSimulation(): Promise<void>;
  pauseSimulation(): Promise<void>;
  /** With `wait`, until it has stopped; check that `getSimulationState` is 0, for it may come back earlier. */
  stopSimulation(wait?: boolean): Promise<void>;
  getSimulationState(): Promise<number>;
  getSimulationStopping(): Promise<boolean>;
  getSimulationTime(): Promise<number>;
  getSimulationTimeStep(): Promise<number>;
  getSystemTime(): Promise<number>;
  /** Holds the simulation, or lets go; returns how often this client held it before. Prefer `client.stepping`. */
  setStepping(enabled: boolean): Promise<number>;
  step(): Promise<void>;
  wait(seconds: number, simulationTime?: boolean): Promise<number>;
  loadScene(file: string): Promise<void>;
  saveScene(file: string): Promise<void>;
  closeScene(): Promise<number>;
  loadModel(file: string): Promise<Handle>;
  saveModel(base: Handle, file: string): Promise<void>;
  quitSimulator(): Promise<void>;
  getBoolParam(parameter: number): Promise<boolean>;
  setBoolParam(parameter: number, value: boolean): Promise<void>;
  getInt32Param(parameter: number): Promise<number>;
  setInt32Param(parameter: number, value: number): Promise<void>;
  getFloatParam(parameter: number): Promise<number>;
  setFloatParam(parameter: number, value: number): Promise<void>;
  getStringParam(parameter: number): Promise<string>;
  setStringParam(parameter: number, value: string): Promise<void>;
  getArrayParam(parameter: number): Promise<number[]>;
  setArrayParam(parameter: number, values: Numbers): Promise<void>;
  getEngineFloatParam(parameter: number, object: Handle): Promise<number>;
  setEngineFloatParam(parameter: number, object: Handle, value: number): Promise<void>;
  getEngineInt32Param(parameter: number, object: Handle): Promise<number>;
  setEngineInt32Param(parameter: number, object: Handle, value: number): Promise<void>;
  getEngineBoolParam(parameter: number, object: Handle): Promise<boolean>;
  setEngineBoolParam(parameter: number, object: Handle, value: boolean): Promise<void>;
  addLog(verbosity: number, message: string): Promise<void>;
}

/** Scripts, and what is passed between them and the outside. */
export interface SimScripts {
  createScript(type: number, text: string, options?: number, language?: 'lua' | 'python'): Promise<Handle>;
  initScript(script: Handle): Promise<void>;
  getScript(type: number, nameOrObject?: string | Handle, name?: string): Promise<Handle>;
  callScriptFunction(name: string, script: Handle, ...args: unknown[]): Promise<unknown>;
  setInt32Signal(name: string, value: number): Promise<void>;
  getInt32Signal(name: string): Promise<number | null | undefined>;
  clearInt32Signal(name: string): Promise<void>;
  setFloatSignal(name: string, value: number): Promise<void>;
  getFloatSignal(name: string): Promise<number | null | undefined>;
  clearFloatSignal(name: string): Promise<void>;
  setStringSignal(name: string, value: string | Uint8Array): Promise<void>;
  getStringSignal(name: string): Promise<string | Uint8Array | null | undefined>;
  clearStringSignal(name: string): Promise<void>;
  setBufferSignal(name: string, value: Uint8Array): Promise<void>;
  getBufferSignal(name: string): Promise<Uint8Array | null | undefined>;
  clearBufferSignal(name: string): Promise<void>;
  readCustomBufferData(object: Handle, tag: string): Promise<Uint8Array | null | undefined>;
  writeCustomBufferData(object: Handle, tag: string, data: Uint8Array): Promise<void>;
  readCustomStringData(object: Handle, tag: string): Promise<string | null | undefined>;
  writeCustomStringData(object: Handle, tag: string, data: string): Promise<void>;
  /** Calls `callback(a, b)` so many times more than once; resolves to what the last call returned. */
  testCB(a: unknown, callback: RemoteCallback, b: unknown, iterations?: number): Promise<unknown>;
}

/** What touches what, and what sensors see: forces in N, distances in m. */
export interface SimSensing {
  /** The contact of that index within a dynamics pass; nothing (empty lists) behind the last. */
  getContactInfo(
    pass: number,
    object: Handle,
    index: number,
  ): Promise<readonly [objects: Handles, point: Numbers, force: Numbers, normal: Numbers]>;
  /** Needs the geometry plugin; without it nothing ever collides, and nothing is said. */
  checkCollision(a: Handle, b: Handle): Promise<readonly [result: number, objects: Handles]>;
  checkDistance(
    a: Handle,
    b: Handle,
    threshold?: number,
  ): Promise<readonly [result: number, data: Numbers, objects: Handles]>;
  /** Needs the geometry plugin; without it nothing is ever detected, and nothing is said. */
  readProximitySensor(sensor: Handle): Promise<ProximityReading>;
  handleProximitySensor(sensor: Handle): Promise<ProximityReading>;
  checkProximitySensor(sensor: Handle, object: Handle): Promise<ProximityReading>;
  resetProximitySensor(sensor: Handle): Promise<void>;
  getVisionSensorImg(
    sensor: Handle,
    options?: number,
    cutOff?: number,
    position?: Numbers,
    size?: Numbers,
  ): Promise<Picture>;
  getVisionSensorDepth(sensor: Handle, options?: number, position?: Numbers, size?: Numbers): Promise<Picture>;
  handleVisionSensor(sensor: Handle): Promise<unknown>;
  readVisionSensor(sensor: Handle): Promise<unknown>;
  createCollection(options?: number): Promise<Handle>;
  addItemToCollection(collection: Handle, what: number, object: Handle, options: number): Promise<number>;
}

/**
 * The calls of CoppeliaSim's regular API that most programs use, with what they take and give.
 *
 * Names, arguments and results: CoppeliaSim's manual, "Regular API reference", version 4.6 to 4.10. Any other function is
 * reached by `client.call('sim.NAME', args)`.
 */
export interface Sim extends SimObjects, SimJoints, SimShapes, SimSimulation, SimScripts, SimSensing, SimConstants {}
