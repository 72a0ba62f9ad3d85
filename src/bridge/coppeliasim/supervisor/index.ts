export { type FindOptions, findInstallation, type Installation } from './installation.ts';
export type { SupervisorOptions } from './options.ts';
export {
  type Prepare,
  type ProcessInfo,
  SupervisedCoppeliaSim,
  superviseCoppeliaSim,
  superviseSeveral,
} from './supervisor.ts';
