import { UsageError } from '../common/errors.ts';
import type { FileLayout, Inspection, Selection, Spread } from '../demos/index.ts';
import type { SimulatorChoice } from '../training/index.ts';
import { listenForInterrupt } from './interrupt.ts';
import { createOutput, formatCount, formatPercent, type Output } from './output.ts';
import { shorten } from './train-report.ts';

/** `demos inspect` */
export async function inspect(files: readonly string[], selection: Selection, json: boolean): Promise<number> {
  const output = createOutput(json);
  const { inspectDemonstrations } = await import('../demos/index.ts');
  const results: Inspection[] = [];
  for (const file of files) {
    const found = await inspectDemonstrations(file, selection);
    results.push(found);
    describe(output, found);
  }
  output.result(results.length === 1 ? results[0] : results);
  return 0;
}

function describe(output: Output, found: Inspection): void {
  const { layout, metadata, episodes, transitions, judged, successes } = found;
  const row = (name: string, value: string) => output.line(`  ${name.padEnd(13)}${value}`);
  output.line(
    `${shorten(found.path)}: ${found.format}, ${formatCount(episodes)} episodes, ${formatCount(transitions)} transitions`,
  );
  if (layout !== null) describeLayout(layout, row);
  if (layout?.undecided != null) output.warn(`${shorten(found.path)}: ${layout.undecided}`);
  if (metadata === null) row('metadata', 'none');
  else {
    const { environment, simulator, policy, software } = metadata;
    row('environment', `${environment.id} ${JSON.stringify(environment.options)}`);
    if (simulator !== null) row('simulator', `${simulator.name} ${simulator.version ?? ''}`.trimEnd());
    row('control mode', metadata.controlMode ?? 'not said');
    row('policy', `${policy.name}, noise ${policy.noise}, seed ${metadata.seed ?? 'not said'}`);
    row('recorded by', `${software.name} ${software.version}`);
  }
  row('lengths', spread(found.lengths, 0));
  row('returns', spread(found.returns, 3));
  row('success', judged === 0 ? 'not said' : `${successes} of ${judged} (${formatPercent(successes / judged)})`);
  row('ends', `${found.terminated} terminated, ${found.truncated} truncated; ${found.replayable} can be replayed`);
  const names = (of: 'observation' | 'action', i: number) => metadata?.[of].quantities?.[i]?.name ?? `${of} ${i}`;
  output.line(
    `  ${found.observationSize} numbers in an observation, ${found.actionSize} in an action; least, mean, most:`,
  );
  for (const [i, range] of found.observationRanges.entries())
    output.line(`    ${names('observation', i).padEnd(32)}${spread(range, 4)}`);
  for (const [i, range] of found.actionRanges.entries()) {
    const outside = range.least < -1 || range.most > 1 ? '  outside [-1, 1]' : '';
    output.line(`    ${`action: ${names('action', i)}`.padEnd(32)}${spread(range, 4)}${outside}`);
  }
  if (found.notFinite > 0) output.warn(`${found.notFinite} numbers are not finite: demos validate says where.`);
  for (const note of found.notes) output.warn(`${shorten(found.path)}: ${note}`);
  if (found.incomplete !== null) output.warn(found.incomplete);
}

function describeLayout(layout: FileLayout, row: (name: string, value: string) => void): void {
  row('layout', layout.name);
  for (const { name, shape, type, used } of layout.observationKeys)
    row('observation', `${name} (${shape.join(', ')}) ${type}${used ? '' : ', not read'}`);
  for (const { name, episodes } of layout.splits) row('split', `${name}: ${formatCount(episodes)} recordings`);
}

function spread({ least, mean, most }: Spread, digits: number): string {
  return [least, mean, most].map(value => value.toFixed(digits).padStart(9)).join(' ');
}

/** `demos validate` */
export async function validate(files: readonly string[], selection: Selection, json: boolean): Promise<number> {
  const output = createOutput(json);
  const { describeDefect, validateDemonstrations } = await import('../demos/index.ts');
  const results: unknown[] = [];
  let valid = true;
  for (const file of files) {
    const result = await validateDemonstrations(file, undefined, selection);
    results.push(result);
    valid &&= result.valid;
    const name = shorten(file);
    const more = (found: number, told: number) => {
      if (found > told) output.line(`${name}: and ${formatCount(found - told)} more`);
    };
    for (const message of result.damage) output.line(message);
    more(result.damageCount, result.damage.length);
    for (const defect of result.defects) output.line(`${name}: ${describeDefect(defect)}`);
    more(result.defectCount, result.defects.length);
    if (result.incomplete !== null) output.line(`${name}: ${result.incomplete}`);
    if (result.transitions === 0) output.line(`${name}: it has no transitions that can be read`);
    const problems = result.damageCount + result.defectCount;
    output.line(
      `${name}: ${formatCount(result.episodes)} episodes, ${formatCount(result.transitions)} transitions, ${result.valid ? 'nothing wrong' : `${formatCount(problems)} defects`}`,
    );
  }
  output.result(results.length === 1 ? results[0] : results);
  return valid ? 0 : 1;
}

/** `demos convert` */
export async function convert(
  files: readonly string[],
  out: string | undefined,
  selection: Selection,
  json: boolean,
): Promise<number> {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) throw new UsageError('demos convert takes one file at a time.');
  if (out === undefined)
    throw new UsageError('demos convert needs a file to write: --out demos.json, .pickle or .hdf5.');
  const output = createOutput(json);
  const interrupt = listenForInterrupt(() => output.warn('Stopping; nothing is written.'));
  try {
    const { convertDemonstrations } = await import('../demos/index.ts');
    const result = await convertDemonstrations(file, out, interrupt.signal, selection).catch(error => {
      if (interrupt.signal.aborted) return null;
      throw error;
    });
    if (result === null) return interrupt.code();
    for (const note of result.notes) output.warn(`${shorten(file)}: ${note}`);
    if (result.incomplete !== null) output.warn(result.incomplete);
    output.line(
      `Written ${shorten(out)}: ${formatCount(result.episodes)} episodes, ${formatCount(result.transitions)} transitions`,
    );
    output.result({ out, ...result });
    return 0;
  } finally {
    interrupt.release();
  }
}

export interface ReplayRequest extends SimulatorChoice {
  readonly selection: Selection;
  readonly episodes: number;
  /** Exit code 1 where an observation differs by more. */
  readonly tolerance: number;
  readonly json: boolean;
}

/** `demos replay` */
export async function replay(files: readonly string[], request: ReplayRequest): Promise<number> {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) throw new UsageError('demos replay takes one file at a time.');
  const output = createOutput(request.json);
  const interrupt = listenForInterrupt(() => output.warn('Stopping after this episode.'));
  try {
    const { replayDemonstrations } = await import('../demos/index.ts');
    const result = await replayDemonstrations(file, {
      ...request,
      signal: interrupt.signal,
      onEpisode: ({ index, comparison }) => {
        const { steps, identical, firstDifference, largestDifference, lastDifference, recorded, replayed } = comparison;
        const parted = `parts at step ${firstDifference ?? steps}, by ${largestDifference.toExponential(1)} at most and ${lastDifference.toExponential(1)} at the end`;
        const outcome =
          recorded.success === replayed.success ? '' : `; success was ${recorded.success}, is ${replayed.success}`;
        output.line(
          `episode ${String(index).padStart(3)}  ${String(steps).padStart(4)} steps  ${identical ? 'the same, bit for bit' : parted}${outcome}`,
        );
      },
    });
    output.line(
      `Replayed ${result.episodes} episodes${result.simulator === null ? '' : ` in ${result.simulator}`}: ${result.identical} the same bit for bit, largest difference ${result.largestDifference.toExponential(1)}`,
    );
    output.result({ file, ...result });
    if (interrupt.signal.aborted) return interrupt.code();
    return result.largestDifference > request.tolerance ? 1 : 0;
  } finally {
    interrupt.release();
  }
}
