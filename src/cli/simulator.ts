import { defineCommand } from './command.ts';
import { simulatorBuildSceneCommand } from './simulator-build-scene.ts';
import { simulatorDoctorCommand } from './simulator-doctor.ts';
import { simulatorLaunchCommand } from './simulator-launch.ts';
import { simulatorServeCommand } from './simulator-serve.ts';

export const simulatorCommand = defineCommand({
  name: 'simulator',
  summary: 'Simulators themselves: serve the embedded one, look after CoppeliaSim',
  subcommands: [simulatorServeCommand, simulatorLaunchCommand, simulatorBuildSceneCommand, simulatorDoctorCommand],
  options: {},
  examples: [],
  async run() {
    return 0;
  },
});
