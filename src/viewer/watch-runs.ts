import type { LiveViewer } from './live-viewer.ts';
import type { ClientMessage, MetricSeries, RunInfo } from './protocol.ts';
import type { ViewerClient } from './server/client.ts';

/** Between two looks at the runs, ms. */
const INTERVAL = 500;
/** Points of one message; a long run comes in several. */
const CHUNK = 50_000;

/** Where runs come from. */
export interface RunSource {
  list(): readonly RunInfo[];
  /** Follows a run: each call gives what is new since the last, null where nothing is. */
  follow(
    name: string,
  ): () => { readonly reset: boolean; readonly series: Readonly<Record<string, MetricSeries>> } | null;
}

/** Sends pages the runs they ask for, and what is added to them, for as long as they are connected. */
export class RunWatcher {
  private readonly source: RunSource;
  private readonly followed = new Map<ViewerClient, Map<string, ReturnType<RunSource['follow']>>>();
  private readonly timer: NodeJS.Timeout;
  private listed = '';
  private viewer: LiveViewer | null = null;

  constructor(source: RunSource) {
    this.source = source;
    this.timer = setInterval(() => this.look(), INTERVAL);
    this.timer.unref();
  }

  /** The list of runs for a page that has just come. */
  greeting() {
    return { type: 'runs', runs: this.source.list() } as const;
  }

  handle(message: ClientMessage, client: ViewerClient): void {
    if (message.type !== 'select') return;
    const before = this.followed.get(client);
    const wanted = new Map(message.runs.map(name => [name, before?.get(name) ?? this.source.follow(name)] as const));
    this.followed.set(client, wanted);
    this.feed(client);
  }

  leave(client: ViewerClient): void {
    this.followed.delete(client);
  }

  /** Tells pages of new runs, through the viewer that connects them. */
  attach(viewer: LiveViewer): void {
    this.viewer = viewer;
  }

  /** Sends what is new now. */
  look(): void {
    if (this.viewer === null || this.viewer.clients === 0) return;
    const list = this.greeting();
    const text = JSON.stringify(list);
    if (text !== this.listed) this.viewer.say(list);
    this.listed = text;
    for (const client of this.followed.keys()) this.feed(client);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private feed(client: ViewerClient): void {
    for (const [run, news] of this.followed.get(client) ?? []) {
      const update = news();
      if (update === null) continue;
      let reset = update.reset;
      for (const series of chunks(update.series)) {
        client.send({ type: 'metrics', run, reset, series });
        reset = false;
      }
    }
  }
}

/** The same series in parts of a bounded size. */
function* chunks(series: Readonly<Record<string, MetricSeries>>): Generator<Record<string, MetricSeries>> {
  let part: Record<string, MetricSeries> = {};
  let points = 0;
  for (const [name, { steps, values }] of Object.entries(series))
    for (let from = 0; from < steps.length; from += CHUNK) {
      if (points > CHUNK) {
        yield part;
        part = {};
        points = 0;
      }
      part = { ...part, [name]: { steps: steps.slice(from, from + CHUNK), values: values.slice(from, from + CHUNK) } };
      points += Math.min(CHUNK, steps.length - from);
      if (from + CHUNK < steps.length) {
        yield part;
        part = {};
        points = 0;
      }
    }
  yield part;
}
