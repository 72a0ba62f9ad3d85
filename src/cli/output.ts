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

/** A reader that closes its end, such as `head`, is no failure: what would still be written goes nowhere. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
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
