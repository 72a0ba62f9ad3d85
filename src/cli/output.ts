/** Where a command writes: results on one stream, redrawn progress on a terminal, one JSON object at the end. */
export interface Output {
  /** A line for people. */
  line(text?: string): void;
  /** A line about something that went wrong, on stderr. */
  warn(text: string): void;
  /** A line that the next one replaces; nothing where the stream is no terminal. */
  progress(text: string): void;
  /** Whether progress is shown. */
  readonly interactive: boolean;
  /** With --json, the result as the last line of stdout. */
  result(value: unknown): void;
}

/** @param json keeps stdout for the one JSON object; all else goes to stderr then. */
export function createOutput(json: boolean): Output {
  const stream = json ? process.stderr : process.stdout;
  const interactive = stream.isTTY === true;
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write('\r\x1b[K');
    drawn = false;
  };
  return {
    interactive,
    line(text = '') {
      clear();
      stream.write(`${text}\n`);
    },
    warn(text) {
      clear();
      process.stderr.write(`${text}\n`);
    },
    progress(text) {
      if (!interactive) return;
      // A line that wraps could not be redrawn.
      stream.write(`\r${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}\x1b[K`);
      drawn = true;
    },
    result(value) {
      clear();
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}

/** What writing to a pipe, terminal or descriptor fails with once the other end is closed. */
const CLOSED = new Set([
  'EPIPE',
  'EIO',
  'ECONNRESET',
  'ENXIO',
  'EBADF',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/**
 * Keeps the program running when its output cannot be written, so that what it works on is still saved.
 *
 * A reader that closes its end, such as `head` or a closed terminal, is no failure. Any other error, such as a full disk
 * behind `> file`, makes the exit code 1.
 */
export function surviveLostOutput(): void {
  let failure: string | null = null;
  for (const [name, stream] of [
    ['stdout', process.stdout],
    ['stderr', process.stderr],
  ] as const)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (CLOSED.has(error.code ?? '') || failure !== null) return;
      failure = `Writing to ${name} failed: ${error.message}. Its output is incomplete.\n`;
      if (name === 'stdout') process.stderr.write(failure);
    });
  process.on('exit', code => {
    if (failure !== null && code === 0) process.exitCode = 1;
  });
}

const grouping = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `12,345` */
export function formatCount(value: number): string {
  return grouping.format(value);
}

/** `99.5 %` */
export function formatPercent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}

/** `42 s`, `3 min 20 s`, `2 h 5 min` */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `11.6 MB` */
export function formatBytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** What an evaluation is told by: its success rate, or its mean return if success is not what counts there. */
export function isJudgedBySuccess(
  objective: 'success' | 'return',
  { successReported }: { readonly successReported?: boolean } = {},
): boolean {
  return objective === 'success' && successReported !== false;
}

/** `episode   3  success  return   12.50   20 steps`; without the outcome if success is not what counts. */
export function formatEpisode(
  number: number,
  episode: { readonly success: boolean; readonly return: number; readonly length: number },
  judged: boolean,
): string {
  const outcome = judged ? `  ${episode.success ? 'success' : 'failure'}` : '';
  const total = episode.return.toFixed(2).padStart(7);
  return `episode ${String(number).padStart(3)}${outcome}  return ${total}  ${String(episode.length).padStart(3)} steps`;
}

/** `99.5 % of 200 episodes (95 % interval 97.2 % to 99.9 %)` */
export function formatSuccess(evaluation: {
  readonly successRate: number;
  readonly episodes: number;
  readonly successInterval: readonly [number, number];
}): string {
  const [low, high] = evaluation.successInterval;
  return `${formatPercent(evaluation.successRate)} of ${evaluation.episodes} episodes (95 % interval ${formatPercent(low)} to ${formatPercent(high)})`;
}
