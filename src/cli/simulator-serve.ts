import { defineCommand, JSON_OPTION, type OptionSpecs, withDefaults } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput } from './output.ts';

const OPTIONS = {
  port: {
    type: 'number',
    whole: true,
    least: 0,
    most: 65535,
    describe: 'the port to listen on; 0 takes a free one',
    default: 23000,
  },
  host: { type: 'string', describe: 'the loopback address to listen on', default: '127.0.0.1' },
  scene: {
    type: 'string',
    describe: 'MuJoCo XML file with the names of scenes/sawyer-grasp.xml, and its files in its folder',
  },
  'real-time': { type: 'boolean', describe: 'run no faster than a clock; as fast as it can by default' },
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export const simulatorServeCommand = defineCommand({
  name: 'simulator serve',
  summary: 'Answer the ZeroMQ remote API of CoppeliaSim from the embedded simulator, until Ctrl-C',
  options: OPTIONS,
  examples: [
    ['', 'where programs written for CoppeliaSim look for it'],
    ['--port 0 --json', 'on a free port, which the JSON line says'],
  ],
  async run({ values: given }) {
    const values = withDefaults(OPTIONS, given);
    const output = createOutput(values.json === true);
    const { serveRemoteApi } = await import('../bridge/index.ts');
    const interrupt = listenForInterrupt(() => output.line('Leaving.'));
    try {
      const server = await serveRemoteApi({
        port: values.port,
        host: values.host,
        ...(values.scene === undefined ? {} : { scene: values.scene }),
        ...(values['real-time'] === undefined ? {} : { realTime: values['real-time'] }),
        onLog: line => output.line(`Log: ${line}`),
      });
      output.line(`Listening on ${server.address} for clients of the ZeroMQ remote API. Ctrl-C ends it.`);
      output.result({ address: server.address });
      await new Promise<void>(done => {
        if (interrupt.signal.aborted) done();
        else interrupt.signal.addEventListener('abort', () => done(), { once: true });
      });
      await server.close();
      return interrupt.code();
    } finally {
      interrupt.release();
    }
  },
});
