export { type BuildSceneOptions, type BuiltScene, buildScene, checkOutput } from './build-scene.ts';
export { type SceneNames, sceneNames } from './names.ts';
export type { Caller } from './sim-calls.ts';
