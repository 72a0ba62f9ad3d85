import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exited, marked, startMarked } from './processes.ts';

/*
 * npm run test:soak [-- MINUTES [WORKERS]]
 *
 * Trains for so long (30 minutes, 6 workers) and looks at the memory of every process: after a fifth of the time,
 * for everything to be loaded and compiled, none may grow by more than 5 %. Linux only.
 */

/** Of the resident memory at the beginning. */
const FLAT = 0.05;
const EVERY = 5_000;

const OPTIONS = {
  ...{ env: 'SawyerGrasp-v1', steps: 1e9, untilSuccess: 0, finalEpisodes: 0, checkpointEvery: 20_000 },
  // Full soon: memory that a replay was given is only resident once it is written to.
  bufferCapacity: 5_000,
};

/** Resident memory, MB. */
function residentMegabytes(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1000;
  } catch {
    return null;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

const [minutes = 30, workers = 6] = process.argv.slice(2).map(Number);
const mark = randomBytes(12).toString('hex');
const folder = mkdtempSync(join(tmpdir(), 'graspbridge-soak-'));
const learner = startMarked(mark, join(import.meta.dirname, 'learner.ts'), [
  ...[folder, 'new', JSON.stringify({ ...OPTIONS, workers })],
]);
const samples = new Map<string, number[]>();
try {
  const begun = Date.now();
  const end = begun + minutes * 60_000;
  while (Date.now() < end) {
    await new Promise(done => setTimeout(done, EVERY));
    if (learner.child.exitCode !== null) throw new Error(`The training ended:\n${learner.said.join('').slice(-2000)}`);
    if (Date.now() < begun + minutes * 12_000) continue;
    for (const { pid, command } of marked(mark)) {
      const role = /(learner|worker-main|evaluation-main)\.ts/.exec(command)?.[1];
      // The compiler's own process, there because the sources run uncompiled.
      if (role === undefined) continue;
      const megabytes = residentMegabytes(pid);
      if (megabytes === null) continue;
      const name = `${role} ${pid}`;
      samples.set(name, [...(samples.get(name) ?? []), megabytes]);
    }
  }
  learner.child.kill('SIGINT');
  await exited(learner.child);
  let failed = false;
  for (const [name, values] of samples) {
    // Medians of the first and of the last fifth: garbage collection makes single values jump.
    const fifth = Math.max(1, Math.floor(values.length / 5));
    const [first, last] = [median(values.slice(0, fifth)), median(values.slice(-fifth))];
    const growth = last / first - 1;
    // What falls gives memory back; it is growth that a soak looks for.
    const flat = growth <= FLAT;
    failed ||= !flat;
    // On the way, too: what is collected now and then goes up and down, what leaks goes up.
    const tenth = Math.max(1, Math.floor(values.length / 10));
    const course = Array.from({ length: 10 }, (_, i) => median(values.slice(i * tenth, (i + 1) * tenth)).toFixed(0));
    console.log(
      `${name.padEnd(24)} ${first.toFixed(0)} MB → ${last.toFixed(0)} MB (${(growth * 100).toFixed(1)} %; ${course.join(' ')})${flat ? '' : '  GROWS'}`,
    );
  }
  const left = marked(mark);
  for (const { command } of left) console.log(`left behind: ${command}`);
  process.exitCode = failed || left.length > 0 || samples.size < workers + 2 ? 1 : 0;
} finally {
  for (const { pid } of marked(mark)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
