import { defineCommand } from './command.ts';
import { simulatorServeCommand } from './simulator-serve.ts';

export const simulatorCommand = defineCommand({
  name: 'simulator',
  summary: 'Simulators themselves: serve the embedded one, look after CoppeliaSim',
  subcommands: [simulatorServeCommand],
  options: {},
  examples: [],
  async run() {
    return 0;
  },
});
