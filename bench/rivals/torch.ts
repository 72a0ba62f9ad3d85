import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./torch_sac.py', import.meta.url));

export interface TorchSize {
  readonly observation: number;
  readonly action: number;
  readonly batch: number;
  readonly actorHidden: readonly number[];
  readonly criticHidden: readonly number[];
  readonly layerNorm: boolean;
  readonly learningRate: number;
  readonly tau: number;
}

export type TorchStyle = 'plain' | 'tuned';

/** A Python with PyTorch, and how it is fastest on this machine. */
export interface TorchInstallation {
  readonly python: string;
  /** OpenBLAS's name of the processor where telling it is faster than letting it guess; null else. */
  readonly coreType: string | null;
}

/** What a PyTorch process runs with: one thread, and the loops of BLAS that suit the processor. */
export function torchEnvironment(coreType: string | null): NodeJS.ProcessEnv {
  // Where a shell exports these, they slow PyTorch down; each is set here on purpose or not at all.
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  return { ...env, OMP_NUM_THREADS: '1', ...(coreType === null ? {} : { OPENBLAS_CORETYPE: coreType }) };
}

/**
 * The first Python of a list that has PyTorch, null where none has.
 *
 * Older OpenBLAS does not know newer processors and falls back to slow loops; the rival gets the fastest of what it can
 * be told.
 */
export function findTorch(pythons: readonly string[]): TorchInstallation | null {
  for (const python of pythons) {
    const speeds = [null, 'SKYLAKEX', 'HASWELL'].flatMap(coreType => {
      const { status, stdout } = spawnSync(python, [SCRIPT, '--probe'], {
        env: torchEnvironment(coreType),
        encoding: 'utf8',
        timeout: 60_000,
      });
      return status === 0 ? [{ coreType, seconds: (JSON.parse(stdout) as { seconds: number }).seconds }] : [];
    });
    const [guessed] = speeds;
    if (guessed === undefined) continue;
    const best = speeds.reduce((a, b) => (b.seconds < 0.95 * a.seconds ? b : a));
    return { python, coreType: best.coreType };
  }
  return null;
}

/** A running rival: it makes updates when told, and idles in between. */
export class TorchRival {
  /** PyTorch's version. */
  readonly version: string;
  /** The file of its BLAS library, where the system can tell. */
  readonly blas: string | null;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  private constructor(
    child: ChildProcessWithoutNullStreams,
    lines: AsyncIterator<string>,
    { version, blas }: { version: string; blas: string | null },
  ) {
    this.child = child;
    this.lines = lines;
    this.version = version;
    this.blas = blas;
  }

  static async start(
    { python, coreType }: TorchInstallation,
    sizes: Readonly<Record<string, TorchSize>>,
  ): Promise<TorchRival> {
    const child = spawn(python, [SCRIPT], { env: torchEnvironment(coreType) });
    child.stderr.pipe(process.stderr);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write(`${JSON.stringify({ sizes })}\n`);
    return new TorchRival(child, lines, JSON.parse(await nextLine(lines)));
  }

  /** Seconds that so many updates take. */
  async update(size: string, style: TorchStyle, updates: number): Promise<number> {
    this.child.stdin.write(`${JSON.stringify({ size, style, updates })}\n`);
    return (JSON.parse(await nextLine(this.lines)) as { seconds: number }).seconds;
  }

  close(): void {
    this.child.stdin.end();
  }
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { done, value } = await lines.next();
  if (done) throw new Error('The PyTorch rival stopped before it answered; what it said is above.');
  return value;
}
