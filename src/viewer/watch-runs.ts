import { performance } from 'node:perf_hooks';
import type { LiveViewer } from './live-viewer.ts';
import type { ClientMessage, MetricSeries, RunInfo } from './protocol.ts';
import type { ViewerClient } from './server/client.ts';

/** Between two looks at the runs, ms. */
const INTERVAL = 500;
/** Reading and sending what is new takes this long at a time, and rests as long in between at least, ms. */
const TURN = 10;
const REST = 30;

/** Where runs come from. */
export interface RunSource {
  list(): readonly RunInfo[];
  /**
   * Follows a run: each call gives what is new since the last, or the first part of it, a message's worth; null where
   * nothing is. A call may throw; a later one may not.
   */
  follow(
    name: string,
  ): () => { readonly reset: boolean; readonly series: Readonly<Record<string, MetricSeries>> } | null;
}

/** A run as one page follows it. */
interface Followed {
  readonly news: ReturnType<RunSource['follow']>;
  /** Whether the page was told that it cannot be read. */
  failed: boolean;
}

/** Sends pages the runs they ask for, and what is added to them, for as long as they are connected. */
export class RunWatcher {
  private readonly source: RunSource;
  private readonly followed = new Map<ViewerClient, Map<string, Followed>>();
  /** Pages that more is to be sent to soon. */
  private readonly behind = new Set<ViewerClient>();
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
    const follow = (name: string) => before?.get(name) ?? { news: this.source.follow(name), failed: false };
    this.followed.set(client, new Map(message.runs.map(name => [name, follow(name)])));
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
    this.followed.clear();
  }

  /** Sends what is new bit by bit: neither the page's connection nor this process is held up by a long run. */
  private feed(client: ViewerClient): void {
    if (this.behind.has(client) || this.sendSome(client)) return;
    this.behind.add(client);
    const again = () => {
      this.behind.delete(client);
      this.feed(client);
    };
    setTimeout(again, REST).unref();
  }

  /** Returns whether that was all. */
  private sendSome(client: ViewerClient): boolean {
    const end = performance.now() + TURN;
    for (const [run, followed] of this.followed.get(client) ?? [])
      for (;;) {
        if (client.crowded) return false;
        const update = this.read(client, run, followed);
        if (update === null) break;
        client.send({ type: 'metrics', run, ...update });
        if (performance.now() > end) return false;
      }
    return true;
  }

  private read(client: ViewerClient, run: string, followed: Followed): ReturnType<Followed['news']> {
    try {
      const update = followed.news();
      followed.failed = false;
      return update;
    } catch (error) {
      const text = `The metrics of ${run} cannot be read: ${error instanceof Error ? error.message : error}`;
      if (!followed.failed) client.send({ type: 'notice', level: 'error', text });
      followed.failed = true;
      return null;
    }
  }
}
