import type { SceneNames } from '../bridge/coppeliasim/scene-builder/index.ts';
import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { defineCommand, JSON_OPTION } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput } from './output.ts';
import { checkNothingStarts, orAborted, START_OPTIONS, toSupervisorOptions } from './simulator-options.ts';

export const simulatorBuildSceneCommand = defineCommand({
  name: 'simulator build-scene',
  summary: 'Build a MuJoCo scene as a scene of CoppeliaSim, in a running one or one that is started for it',
  options: {
    out: { type: 'string', describe: 'the scene file (.ttt) to write' },
    scene: { type: 'string', describe: 'a MuJoCo XML file', defaultText: "the package's own" },
    names: { type: 'string', describe: 'a JSON file that says what bodies, joints and sites are to be called' },
    address: {
      type: 'string',
      describe: 'a CoppeliaSim that runs, such as tcp://127.0.0.1:23000; the scene open in it is replaced',
    },
    force: { type: 'boolean', describe: 'write over a file that is there' },
    ...START_OPTIONS,
    ...JSON_OPTION,
  },
  examples: [
    ['--out sawyer.ttt', 'the scene that training uses'],
    ['--out crane.ttt --scene crane.xml --address tcp://127.0.0.1:23000', 'any other, in a CoppeliaSim that runs'],
  ],
  async run({ values }) {
    const output = createOutput(values.json === true);
    const { out } = values;
    if (out === undefined) throw new UsageError('build-scene needs to know what to write: --out scene.ttt.');
    if (values.address !== undefined) checkNothingStarts(values, '--address', Object.keys(START_OPTIONS));
    const { buildScene, checkOutput } = await import('../bridge/coppeliasim/scene-builder/index.ts');
    // Before anything is started for it.
    checkOutput(out, values.force === true);
    const names = values.names === undefined ? undefined : await readNames(values.names);
    const { connectRemoteApi } = await import('../bridge/coppeliasim/remote-api/index.ts');
    const { completeAddress } = await import('../bridge/coppeliasim/source.ts');
    const { superviseCoppeliaSim } = await import('../bridge/coppeliasim/supervisor/index.ts');
    const interrupt = listenForInterrupt(() => output.warn('Leaving; nothing is saved.'));
    const alive = setInterval(() => {}, 1 << 30);
    try {
      const build = async (address: string) => {
        const client = await connectRemoteApi({ address });
        return closeAfter(async () => {
          return await orAborted(
            buildScene(client, {
              out,
              ...(values.scene === undefined ? {} : { scene: values.scene }),
              ...(names === undefined ? {} : { names }),
              ...(values.force === undefined ? {} : { force: values.force }),
              onProgress: message => output.line(message),
            }),
            interrupt.signal,
          );
        }, client);
      };
      let built: Awaited<ReturnType<typeof build>> | undefined;
      if (values.address !== undefined) built = await build(completeAddress(values.address));
      else {
        output.line('Starting CoppeliaSim.');
        const supervised = await superviseCoppeliaSim(
          { ...toSupervisorOptions(values), heartbeatInterval: 0, maxRestarts: 0 },
          async address => {
            built = await build(address);
          },
          interrupt.signal,
        );
        await supervised.close();
      }
      if (built === undefined) return 1;
      output.line(
        `Saved ${built.path}: ${built.objects} objects, ${built.joints} joints, at most ${(1000 * built.largestDistance).toPrecision(2)} mm from where MuJoCo has them.`,
      );
      for (const note of built.notes) output.line(`  ${note}`);
      output.result(built);
      return 0;
    } catch (error) {
      if (interrupt.signal.aborted) return interrupt.code();
      throw error;
    } finally {
      clearInterval(alive);
      interrupt.release();
    }
  },
});

async function readNames(path: string): Promise<SceneNames> {
  const { readTextFile } = await import('../common/regular-file.ts');
  const { sceneNames } = await import('../bridge/coppeliasim/scene-builder/index.ts');
  const { parseOptions } = await import('../common/options.ts');
  let content: unknown;
  try {
    content = JSON.parse(readTextFile(path));
  } catch (cause) {
    throw new UsageError(`Reading --names ${path} failed: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  return parseOptions(sceneNames, content, `the names in ${path}`);
}
