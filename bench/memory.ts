import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './pinned.ts';

export interface MemoryBenchOptions {
  readonly minutes?: number;
  readonly bufferCapacity?: number;
  /** Further arguments of `train`. */
  readonly train?: readonly string[];
  readonly onSample?: (sample: MemorySample) => void;
}

export interface MemorySample {
  readonly seconds: number;
  readonly envSteps: number;
  /** Resident memory of the training process, MiB. */
  readonly residentMebibytes: number;
}

export interface MemoryBenchResult {
  readonly bufferCapacity: number;
  /** When the replay buffer was full, s; null where the run was too short. */
  readonly fullAfterSeconds: number | null;
  readonly envSteps: number;
  readonly peakMebibytes: number;
  /**
   * Median of the last quarter of the samples taken since the buffer was full, over that of the first quarter: 1 is
   * flat. Null where there are fewer than eight.
   */
  readonly growth: number | null;
  readonly exitCode: number | null;
  readonly samples: readonly MemorySample[];
}

/** Linux's own account of a process's resident memory, MiB; null once it has ended. */
function resident(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) / 1024;
  } catch {
    return null;
  }
}

/** A real training with a full replay buffer, its memory read every few seconds, ended as a user would: with Ctrl-C. */
export async function run(options: MemoryBenchOptions = {}): Promise<MemoryBenchResult> {
  const { minutes = 10, bufferCapacity = 50_000, train = [], onSample = () => {} } = options;
  if (resident(process.pid) === null) throw new Error('This benchmark reads /proc, which this system does not have.');
  const runs = mkdtempSync(join(tmpdir(), 'graspbridge-memory-'));
  const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      ...['--import', import.meta.resolve('tsx'), main, 'train', '--steps', '100000000', '--until-success', '0'],
      ...['--buffer-capacity', String(bufferCapacity), '--eval-every', '20000', '--checkpoint-every', '20000'],
      ...['--runs-dir', runs, '--name', 'memory', ...train],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>(done => child.on('exit', done));
  let envSteps = 0;
  // Plain progress lines name the steps: "12,345 of 100,000,000 steps …", evaluations "12,345 steps, …".
  createInterface({ input: child.stdout }).on('line', line => {
    const steps = /^\s*([\d,]+) (?:of [\d,]+ )?steps\b/.exec(line)?.[1];
    if (steps !== undefined) envSteps = Number(steps.replaceAll(',', ''));
  });
  const samples: MemorySample[] = [];
  const start = performance.now();
  try {
    for (;;) {
      await Promise.race([sleep(5000), ended]);
      const seconds = (performance.now() - start) / 1000;
      const residentMebibytes = resident(child.pid ?? -1);
      if (residentMebibytes === null || child.exitCode !== null) break;
      const sample = { seconds, envSteps, residentMebibytes };
      samples.push(sample);
      onSample(sample);
      if (seconds >= minutes * 60) break;
    }
    child.kill('SIGINT');
    const exitCode = await ended;
    const full = samples.filter(sample => sample.envSteps >= bufferCapacity);
    const quarter = Math.floor(full.length / 4);
    const level = (part: readonly MemorySample[]) => median(part.map(sample => sample.residentMebibytes));
    return {
      bufferCapacity,
      fullAfterSeconds: full[0]?.seconds ?? null,
      envSteps,
      peakMebibytes: Math.max(...samples.map(sample => sample.residentMebibytes)),
      growth: full.length < 8 ? null : level(full.slice(-quarter)) / level(full.slice(0, quarter)),
      exitCode,
      samples,
    };
  } finally {
    child.kill('SIGKILL');
    rmSync(runs, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      'buffer-capacity': { type: 'string', default: '50000' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const result = await run({
    minutes: Number(values.minutes),
    bufferCapacity: Number(values['buffer-capacity']),
    train: positionals,
    onSample: ({ seconds, envSteps, residentMebibytes }) =>
      console.error(`${seconds.toFixed(0)} s, ${envSteps} environment steps, ${residentMebibytes.toFixed(0)} MiB`),
  });
  console.log(JSON.stringify(result, null, values.json ? 0 : 2));
}
