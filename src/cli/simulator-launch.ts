import type { SupervisedCoppeliaSim } from '../bridge/coppeliasim/supervisor/index.ts';
import { closeAfter, closeTogether } from '../common/close-all.ts';
import { defineCommand, JSON_OPTION, type OptionSpecs, withDefaults } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput } from './output.ts';
import { START_OPTIONS, toSupervisorOptions } from './simulator-options.ts';

const OPTIONS = {
  instances: { type: 'number', whole: true, least: 1, most: 64, describe: 'number of instances', default: 1 },
  port: {
    type: 'number',
    whole: true,
    least: 1,
    // Each has a second port for events.
    most: 65534,
    describe: 'the first port to try',
    default: 23000,
  },
  scene: { type: 'string', describe: 'a scene (.ttt) to load after each start' },
  log: { type: 'string', describe: 'a file for what it prints; numbered where there are several' },
  ...START_OPTIONS,
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const simulatorLaunchCommand = defineCommand({
  name: 'simulator launch',
  summary: 'Start CoppeliaSim, several times if asked, and keep it running until Ctrl-C',
  options: OPTIONS,
  examples: [
    ['--gui', 'with its window, for watching'],
    ['--instances 4 --scene sawyer.ttt --json', 'four, headless; the JSON line has their addresses'],
  ],
  async run({ values: given }) {
    const values = withDefaults(OPTIONS, given);
    const output = createOutput(values.json === true);
    const { instances: count, port } = values;
    const { superviseSeveral } = await import('../bridge/coppeliasim/supervisor/index.ts');
    const interrupt = listenForInterrupt(() => output.line('Ending all of them.'));
    // The simulators themselves keep no program alive.
    const alive = setInterval(() => {}, 1 << 30);
    let instances: readonly SupervisedCoppeliaSim[] = [];
    return closeAfter(
      async () => {
        try {
          instances = await superviseSeveral(
            count,
            {
              ...toSupervisorOptions(values),
              port,
              ...(values.scene === undefined ? {} : { scene: values.scene }),
              ...(values.log === undefined ? {} : { log: values.log }),
            },
            undefined,
            interrupt.signal,
          );
          for (const [i, instance] of instances.entries()) {
            output.line(`${instance.address}  process ${instance.info.pid}  ${instance.info.executable}`);
            instance.on('lost', reason => output.warn(`Instance ${i + 1}: ${reason.message}`));
            instance.on('running', info => output.line(`Instance ${i + 1} runs again: tcp://127.0.0.1:${info.port}`));
          }
          output.line('Ctrl-C ends all of them.');
          output.result({
            instances: instances.map(({ address, info }) => ({ address, pid: info.pid, executable: info.executable })),
          });
          await new Promise<void>((done, fail) => {
            for (const instance of instances) instance.on('failed', fail);
            interrupt.signal.addEventListener('abort', () => done(), { once: true });
            if (interrupt.signal.aborted) done();
          });
          return interrupt.code();
        } catch (error) {
          if (interrupt.signal.aborted) return interrupt.code();
          throw error;
        }
      },
      () => closeTogether(instances),
      () => clearInterval(alive),
      interrupt.release,
    );
  },
});
