import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Random } from '../../src/common/random.ts';
import { CheckpointStore } from '../../src/training/index.ts';
import { exited, freePort, Line, marked, startMarked } from './processes.ts';
import { checkpointRows } from './rows.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly workersKilled: number;
  readonly workersPaused: number;
  readonly linesCut: number;
  readonly learnersKilled: number;
  /** Transitions acknowledged to the workers that kept a ledger. */
  readonly acknowledged: number;
  /** Of those: not in the replay, and more than once in it. */
  readonly missing: number;
  readonly doubled: number;
  /** Any transition, of any worker, that is in the replay more than once. */
  readonly repeated: number;
  readonly envSteps: number;
  /** Updates beyond or short of what the ratio asks for. */
  readonly updatesOff: number;
  readonly goalReached: boolean;
  /** Command lines of processes that were left. */
  readonly left: readonly string[];
  readonly portFree: boolean;
}

const OPTIONS = {
  ...{ env: 'Point-v0', seed: 3, steps: 10_000_000, untilSuccess: 0, evalEvery: 5_000, evalEpisodes: 10 },
  ...{ finalEpisodes: 20, checkpointEvery: 1_000, logEvery: 1_000, randomSteps: 500 },
  ...{ updatesPerStep: 0.5, workers: 2 },
  agentOptions: { actorHidden: [32, 32], criticHidden: [32, 32], batchSize: 32, gamma: 0.9 },
};
/** Transitions that the replay of so many seconds must have room for: what was overwritten could not be looked for. */
export const capacityFor = (seconds: number) => 8_000 * (seconds + 60);

/** Workers from elsewhere, that keep a ledger. */
const LEDGERS = 2;

const sleep = (milliseconds: number) => new Promise(done => setTimeout(done, milliseconds));

/**
 * A training under attack for so many seconds: workers killed and paused, the line to them cut, the learner killed
 * twice; then left in peace until it reaches its goal.
 */
export async function chaos(seconds: number, seed: number, log: (line: string) => void): Promise<ChaosReport> {
  const random = new Random(seed);
  const mark = randomBytes(12).toString('hex');
  const folder = mkdtempSync(join(tmpdir(), 'graspbridge-chaos-'));
  const port = await freePort();
  const line = await Line.open(port);
  const counts = { workersKilled: 0, workersPaused: 0, linesCut: 0, learnersKilled: 0 };
  const start = (how: 'new' | 'resume', more: object = {}) => {
    const options =
      how === 'new' ? { ...OPTIONS, bufferCapacity: capacityFor(seconds), listen: `tcp://127.0.0.1:${port}` } : more;
    return startMarked(mark, join(import.meta.dirname, 'learner.ts'), [folder, how, JSON.stringify(options)]);
  };
  const checkpoints = new CheckpointStore(join(folder, 'chaos', 'checkpoints'));
  let over = false;
  const pauses: Promise<unknown>[] = [];
  let ledgers = 0;
  const keepLedger = (): void => {
    const file = join(folder, `ledger-${ledgers++}`);
    const worker = startMarked(mark, join(import.meta.dirname, 'ledger-worker.ts'), [
      `tcp://127.0.0.1:${line.port}`,
      file,
    ]);
    void exited(worker.child).then(code => {
      if (over) return;
      if (code !== null) log(`a ledger's worker ended with ${code}: ${worker.said.join('').slice(-500)}`);
      keepLedger();
    });
  };
  const attack = (): void => {
    const workers = marked(mark).filter(({ command }) => /worker-main|ledger-worker/.test(command));
    const victim = workers[random.integer(workers.length)];
    const luck = random.uniform();
    if (luck < 0.2) {
      counts.linesCut++;
      line.cut();
      pauses.push(sleep(random.uniform(200, 4_000)).then(() => line.mend()));
    } else if (victim === undefined) return;
    else if (luck < 0.6) {
      counts.workersKilled++;
      signal(victim.pid, 'SIGKILL');
    } else {
      counts.workersPaused++;
      signal(victim.pid, 'SIGSTOP');
      // Now and then longer than a learner waits before it gives a worker up.
      const pause = random.uniform() < 0.2 ? 12_000 : random.uniform(500, 4_000);
      pauses.push(sleep(pause).then(() => signal(victim.pid, 'SIGCONT')));
    }
  };

  let learner = start('new');
  try {
    for (let i = 0; i < LEDGERS; i++) keepLedger();
    const begun = Date.now();
    const passed = () => (Date.now() - begun) / 1000 / seconds;
    // On a busy machine a checkpoint to kill the learner after may take its time.
    while (passed() < 1 || counts.learnersKilled < 2) {
      await sleep(random.uniform(1_000, 3_000));
      if (learner.child.exitCode !== null) throw new Error(`The learner ended:\n${learner.said.join('').slice(-3000)}`);
      if (counts.learnersKilled < 2 && passed() > (counts.learnersKilled + 1) / 3 && checkpoints.latest() !== null) {
        counts.learnersKilled++;
        learner.child.kill('SIGKILL');
        await exited(learner.child);
        log(
          `learner killed after ${Math.round(passed() * seconds)} s, its last checkpoint ${basename(checkpoints.latest() ?? '')}`,
        );
        learner = start('resume');
      } else attack();
    }
    await Promise.all(pauses);
    line.mend();
    await sleep(3_000);
    // From here on the workers of the ledgers are sent home for good: what they wrote is what is looked for.
    over = true;
    learner.child.kill('SIGINT');
    await exited(learner.child);
    const path = checkpoints.latest();
    if (path === null) throw new Error(`The learner left no checkpoint:\n${learner.said.join('').slice(-3000)}`);
    const held = checkpointRows(path);
    log(`${held.envSteps} steps after the attacks`);

    // A worker that had no connection just then would wait for the learner, and be acknowledged more by the next one.
    for (const { pid, command } of marked(mark)) if (command.includes('ledger-worker')) signal(pid, 'SIGKILL');
    await sleep(500);
    const names = Array.from({ length: ledgers }, (_, i) => join(folder, `ledger-${i}`)).filter(file =>
      existsSync(file),
    );
    const acknowledged = names.flatMap(file =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter(text => text.length === 16),
    );

    // What is left is to learn, in peace.
    learner = start('resume', { untilSuccess: 0.9, confirmEpisodes: 30, evalEvery: 1_000 });
    await exited(learner.child);
    const lines = learner.said.join('').split('\n');
    const summary = JSON.parse(lines.findLast(text => text.startsWith('{')) ?? '{}') as { goalReached?: boolean };
    // Processes leave by themselves when the learner is gone, each in its own time.
    for (let waited = 0; waited < 20 && marked(mark).length > 0; waited++) await sleep(1_000);
    return {
      seed,
      ...counts,
      acknowledged: acknowledged.length,
      missing: acknowledged.filter(checksum => !held.counts.has(checksum)).length,
      doubled: acknowledged.filter(checksum => (held.counts.get(checksum) ?? 0) > 1).length,
      repeated: [...held.counts.values()].filter(count => count > 1).length,
      envSteps: held.envSteps,
      updatesOff: held.updates - Math.floor((held.envSteps - OPTIONS.randomSteps) * OPTIONS.updatesPerStep),
      goalReached: summary.goalReached === true,
      left: marked(mark).map(({ command }) => command),
      portFree: await isFree(port),
    };
  } finally {
    over = true;
    await line.close();
    for (const { pid } of marked(mark)) signal(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise(done => {
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
