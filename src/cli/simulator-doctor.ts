import type { Examination, Finding, FindingStatus } from '../bridge/coppeliasim/doctor/index.ts';
import { closeAfter } from '../common/close-all.ts';
import { UsageError } from '../common/errors.ts';
import { defineCommand, JSON_OPTION } from './command.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput, type Output } from './output.ts';
import { checkNothingStarts, START_OPTIONS } from './simulator-options.ts';

const MARKS: Readonly<Record<FindingStatus, string>> = { ok: 'ok', note: 'note', failed: 'FAILED', skipped: 'skipped' };

export const simulatorDoctorCommand = defineCommand({
  name: 'simulator doctor',
  summary: 'Look a CoppeliaSim over: what is there, how fast it is, and what to do about what is wrong',
  options: {
    address: { type: 'string', describe: 'a simulator that runs, such as tcp://127.0.0.1:23000; none is started then' },
    embedded: { type: 'boolean', describe: 'the embedded simulator behind the same remote API, for comparison' },
    scene: { type: 'string', describe: 'a scene (.ttt) for the one that is started', defaultText: 'one is built' },
    'scene-file': { type: 'string', describe: 'a *.scene.json that says which object is which' },
    force: { type: 'boolean', describe: 'stop a simulation that is running' },
    ...START_OPTIONS,
    ...JSON_OPTION,
  },
  examples: [
    ['', 'the installation of this machine, started for as long as it takes'],
    ['--address tcp://127.0.0.1:23000', 'one that runs'],
    ['--embedded --json', 'the embedded simulator, as one JSON object'],
  ],
  async run({ values }) {
    const output = createOutput(values.json === true);
    const { address, embedded, coppeliasim, scene, gui, force } = values;
    if ([address, embedded, coppeliasim].filter(given => given !== undefined).length > 1)
      throw new UsageError('--address, --embedded and --coppeliasim each say what to look over. Give one of them.');
    if (address !== undefined) checkNothingStarts(values, '--address', ['scene', 'gui', 'start-timeout']);
    if (embedded === true)
      checkNothingStarts(values, '--embedded', ['scene', 'scene-file', 'force', 'gui', 'start-timeout']);
    const { examine } = await import('../bridge/coppeliasim/doctor/index.ts');
    const { completeAddress } = await import('../bridge/coppeliasim/source.ts');
    const interrupt = listenForInterrupt(() => output.warn('Leaving.'));
    const alive = setInterval(() => {}, 1 << 30);
    const server =
      embedded === true
        ? await (await import('../bridge/remote-api-server/index.ts')).serveRemoteApi({ port: 0 })
        : undefined;
    return closeAfter(
      async () => {
        try {
          const at = server?.address ?? (address === undefined ? undefined : completeAddress(address));
          const examination = await examine({
            ...(at === undefined ? {} : { address: at }),
            ...(coppeliasim === undefined ? {} : { coppeliaSim: coppeliasim }),
            ...(scene === undefined ? {} : { scene }),
            ...(values['scene-file'] === undefined ? {} : { sceneFile: values['scene-file'] }),
            ...(gui === undefined ? {} : { gui }),
            ...(force === undefined ? {} : { force }),
            startTimeout: values['start-timeout'] ?? START_OPTIONS['start-timeout'].default,
            signal: interrupt.signal,
            onFinding: finding => show(output, finding),
          });
          output.line(conclude(examination));
          output.result(examination);
          return examination.healthy ? 0 : 1;
        } catch (error) {
          if (interrupt.signal.aborted) return interrupt.code();
          throw error;
        }
      },
      server,
      () => clearInterval(alive),
      interrupt.release,
    );
  },
});

/** Returns the last line: which checks did not pass, the required ones apart from the optional ones. */
function conclude({ findings, healthy }: Examination): string {
  const list = (essential: boolean, status: FindingStatus) => {
    const names = findings.filter(one => one.essential === essential && one.status === status).map(({ name }) => name);
    const kind = `${essential ? 'required' : 'optional'} ${names.length === 1 ? 'check' : 'checks'}`;
    return names.length === 0 ? [] : [`${names.length} ${kind} ${status}: ${names.join(', ')}.`];
  };
  const notPassed = [true, false].flatMap(essential => [...list(essential, 'failed'), ...list(essential, 'skipped')]);
  if (notPassed.length === 0) return 'All checks passed.';
  const consequence = healthy
    ? 'Training in this CoppeliaSim works: all required checks passed.'
    : 'Training in CoppeliaSim needs the required ones; the embedded simulator needs none of them.';
  return [...notPassed, consequence].join(' ');
}

function show(output: Output, { name, status, found, advice }: Finding): void {
  const below = (text: string) => text.replaceAll('\n', `\n${' '.repeat(24)}`);
  output.line(`${MARKS[status].padEnd(8)}${name.padEnd(16)}${below(found)}`);
  if (advice !== undefined) output.line(`${' '.repeat(24)}→ ${below(advice)}`);
}
