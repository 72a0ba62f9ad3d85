import { contactFunctions } from './contacts.ts';
import { customDataFunctions } from './custom-data.ts';
import { forceFunctions } from './forces.ts';
import type { RemoteFunctions } from './function.ts';
import { jointFunctions } from './joints.ts';
import { mathematicsFunctions } from './mathematics.ts';
import { objectParameterFunctions } from './object-parameters.ts';
import { objectFunctions } from './objects.ts';
import { packingFunctions } from './packing.ts';
import { parameterFunctions } from './parameters.ts';
import { poseFunctions } from './poses.ts';
import { propertyFunctions } from './properties.ts';
import { proximityFunctions } from './proximity.ts';
import { remoteApiFunctions } from './remote-api.ts';
import { scriptFunctions } from './scripts.ts';
import { shapeFunctions } from './shapes.ts';
import { signalFunctions } from './signals.ts';
import { simulationFunctions } from './simulation.ts';

const current: RemoteFunctions = {
  ...remoteApiFunctions,
  ...objectFunctions,
  ...poseFunctions,
  ...jointFunctions,
  ...shapeFunctions,
  ...objectParameterFunctions,
  ...simulationFunctions,
  ...signalFunctions,
  ...customDataFunctions,
  ...propertyFunctions,
  ...forceFunctions,
  ...parameterFunctions,
  ...packingFunctions,
  ...mathematicsFunctions,
  ...contactFunctions,
  ...proximityFunctions,
  ...scriptFunctions,
};

/** Names that functions had before, which programs still use. */
const former: Readonly<Record<string, string>> = {
  'sim._getObject': 'sim.getObject',
  simGetObjectHandle: 'sim.getObjectHandle',
  'sim.getObjectSel': 'sim.getObjectSelection',
  'sim.setObjectName': 'sim.setObjectAlias',
  'sim.getJointMaxForce': 'sim.getJointTargetForce',
  'sim.setJointMaxForce': 'sim.setJointTargetForce',
  'sim.getObjectInt32Parameter': 'sim.getObjectInt32Param',
  'sim.setObjectInt32Parameter': 'sim.setObjectInt32Param',
  'sim.getObjectFloatParameter': 'sim.getObjectFloatParam',
  'sim.setObjectFloatParameter': 'sim.setObjectFloatParam',
  'sim.getInt32Parameter': 'sim.getInt32Param',
  'sim.setInt32Parameter': 'sim.setInt32Param',
  'sim.getBoolParameter': 'sim.getBoolParam',
  'sim.setBoolParameter': 'sim.setBoolParam',
  'sim.getFloatParameter': 'sim.getFloatParam',
  'sim.setFloatParameter': 'sim.setFloatParam',
  'sim.getStringParameter': 'sim.getStringParam',
  'sim.getRealTimeSimulation': 'sim.getIsRealTimeSimulation',
};

/** Every function that clients can call, by name. */
export const remoteFunctions: ReadonlyMap<string, RemoteFunctions[string]> = new Map([
  ...Object.entries(current),
  ...Object.entries(former).flatMap(([name, now]) => {
    const found = current[now];
    return found ? [[name, found] as const] : [];
  }),
]);
