export { type FindOptions, findInstallation, type Installation } from './installation.ts';
export type { SupervisorOptions } from './options.ts';
export { superviseCoppeliaSim, superviseSeveral } from './supervise.ts';
export { type Prepare, type ProcessInfo, SupervisedCoppeliaSim } from './supervisor.ts';
