export {
  type Examination,
  type ExamineOptions,
  examine as examineSimulator,
  type Finding,
  type FindingStatus,
} from './coppeliasim/doctor/index.ts';
export { type CoppeliaSimOptions, type CoppeliaSimSimulator, createCoppeliaSimSimulator } from './coppeliasim/index.ts';
export {
  type BatchCall,
  type BatchResult,
  type CallOptions,
  connectRemoteApi,
  type RemoteApiClient,
  RemoteApiClosedError,
  RemoteApiError,
  type RemoteApiFailure,
  type RemoteApiOptions,
  type RemoteCallback,
  type RemoteFunction,
  type Sim,
  type SimConstants,
  type SimHandle,
  type SimMatrix,
  type SimPose,
  type SteppingScope,
  type UntypedModule,
} from './coppeliasim/remote-api/index.ts';
export {
  type BuildSceneOptions,
  type BuiltScene,
  buildScene,
  type SceneNames,
} from './coppeliasim/scene-builder/index.ts';
export {
  findInstallation,
  type Installation,
  type ProcessInfo,
  type SupervisedCoppeliaSim,
  type SupervisorOptions,
  superviseCoppeliaSim,
  superviseSeveral,
} from './coppeliasim/supervisor/index.ts';
export * from './errors.ts';
export type { JointLimits, Kinematics } from './kinematics.ts';
export { createMujocoSimulator, type MujocoSimulatorOptions } from './mujoco/create-simulator.ts';
export { createKinematics } from './mujoco/kinematics.ts';
export type { TargetOptions } from './mujoco/scene-file.ts';
export { checkSimulatorOptions, isScarce, openSimulator, simulatorNames } from './open-simulator.ts';
export { coneSeesBox, gripperProximity, type ProximityCone } from './proximity.ts';
export { type RemoteApiServer, type RemoteApiServerOptions, serveRemoteApi } from './remote-api-server/index.ts';
export { shareSimulator } from './shared-simulator.ts';
export type {
  ArmCommand,
  Contacts,
  Mark,
  Pose,
  Quaternion,
  SceneBody,
  SceneDescription,
  SceneLight,
  SceneMaterial,
  SceneMesh,
  SceneShape,
  ShapeKind,
  Simulator,
  SimulatorCommand,
  SimulatorResetOptions,
  SimulatorState,
  Snapshot,
  Vector3,
} from './simulator.ts';
