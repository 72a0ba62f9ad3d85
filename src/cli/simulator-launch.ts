import type { SupervisedCoppeliaSim } from '../bridge/coppeliasim/supervisor/index.ts';
import { closeAll, closeTogether } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { defineCommand, JSON_OPTION } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput } from './output.ts';
import { START_OPTIONS, toSupervisorOptions } from './simulator-options.ts';

/** More would be a mistake in typing. */
const MOST_INSTANCES = 64;

export const simulatorLaunchCommand = defineCommand({
  name: 'simulator launch',
  summary: 'Start CoppeliaSim, several times if asked, and keep it running until Ctrl-C',
  options: {
    instances: { type: 'number', describe: 'how many', defaultText: '1' },
    port: {
      type: 'number',
      whole: true,
      least: 1,
      most: 65535,
      describe: 'the first port to try',
      defaultText: '23000',
    },
    scene: { type: 'string', describe: 'a scene (.ttt) to load after each start' },
    log: { type: 'string', describe: 'a file for what it prints; numbered where there are several' },
    ...START_OPTIONS,
    ...JSON_OPTION,
  },
  examples: [
    ['--gui', 'with its window, for watching'],
    ['--instances 4 --scene sawyer.ttt --json', 'four, headless; the JSON line has their addresses'],
  ],
  async run({ values }) {
    const output = createOutput(values.json === true);
    const count = values.instances ?? 1;
    if (!Number.isInteger(count) || count < 1 || count > MOST_INSTANCES)
      throw new UsageError(`--instances must be a whole number from 1 to ${MOST_INSTANCES}, but is ${count}.`);
    const { superviseSeveral } = await import('../bridge/coppeliasim/supervisor/index.ts');
    const interrupt = listenForInterrupt(() => output.line('Ending all of them.'));
    // The simulators themselves keep no program alive.
    const alive = setInterval(() => {}, 1 << 30);
    let instances: readonly SupervisedCoppeliaSim[] = [];
    try {
      instances = await superviseSeveral(
        count,
        {
          ...toSupervisorOptions(values),
          ...(values.port === undefined ? {} : { port: values.port }),
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
    } finally {
      await closeAll(
        () => closeTogether(instances),
        () => clearInterval(alive),
        interrupt.release,
      );
    }
  },
});
