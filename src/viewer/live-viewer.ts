import type { Simulator } from '../bridge/index.ts';
import { closeAll } from '../common/close-all.ts';
import { PosePump } from './pose-pump.ts';
import type { ClientMessage, Hello, ServerMessage } from './protocol.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import { pageDirectory } from './server/build-page.ts';
import type { ViewerClient } from './server/client.ts';
import { ViewerServer } from './server/server.ts';
import { WatchedSimulator } from './watched-simulator.ts';

export interface LiveViewerOptions {
  readonly title: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** What the page may do; nothing by default. */
  readonly abilities?: Partial<Pick<Hello, 'playback' | 'teleoperation' | 'recording' | 'training'>>;
  /** How often poses are pulled at most, Hz; 60 by default. */
  readonly rate?: number;
  /** Poses sent to all pages together at most, a second; without limit by default. */
  readonly mostPoses?: number;
  /** Called after every step of the simulator that is watched, for time to pass. */
  readonly pace?: (period: number) => Promise<void>;
  readonly onMessage?: (message: ClientMessage, client: ViewerClient) => void;
  /** What a page is told first, beside the scene. */
  readonly greetings?: () => readonly ServerMessage[];
  readonly onLeave?: (client: ViewerClient) => void;
  /** Told what is being prepared, and what cannot be shown. */
  readonly announce?: (text: string) => void;
}

/**
 * A page that shows what happens in this process: the server, and the pump that fills it.
 *
 * ```ts
 * const viewer = await LiveViewer.start({ title: 'SawyerGrasp-v1' });
 * const env = await makeEnv('SawyerGrasp-v1', {}, { around: simulator => viewer.watch(simulator) });
 * console.log(viewer.url);
 * ```
 */
export class LiveViewer {
  private readonly options: LiveViewerOptions;
  private server!: ViewerServer; // Set by start, the only way to make one.
  private pump: PosePump | null = null;
  private hello: Hello;
  private firstClient: () => void = () => {};
  private readonly someone = new Promise<void>(resolve => {
    this.firstClient = resolve;
  });
  private ready: Promise<void> = Promise.resolve();

  private constructor(options: LiveViewerOptions) {
    this.options = options;
    this.hello = {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      title: options.title,
      scene: null,
      playback: false,
      teleoperation: false,
      handingBack: false,
      recording: false,
      training: false,
      video: null,
      actionNames: [],
      jointLimits: [],
      ...options.abilities,
    };
  }

  /** Throws ViewerPageError, ViewerServerError. */
  static async start(options: LiveViewerOptions): Promise<LiveViewer> {
    const viewer = new LiveViewer(options);
    viewer.server = await ViewerServer.start({
      page: await pageDirectory(options.announce),
      port: options.port ?? 0,
      onClient: client => viewer.greet(client),
      onMessage: (message, client) => options.onMessage?.(message, client),
      onLeave: client => options.onLeave?.(client),
    });
    return viewer;
  }

  get url(): string {
    return this.server.url;
  }
  get clients(): number {
    return this.server.clients.size;
  }

  /** Puts itself between an environment and its simulator. A second simulator is not watched, and comes back as it is. */
  watch(simulator: Simulator): Simulator {
    if (this.pump !== null) return simulator;
    const { pace, rate, mostPoses: most } = this.options;
    const watched = new WatchedSimulator(simulator, pace);
    this.pump = new PosePump(
      watched,
      () => this.clients,
      frame => this.server.broadcastMoment(frame),
      { ...(rate === undefined ? {} : { rate }), ...(most === undefined ? {} : { most }) },
    );
    const { lower, upper } = simulator.kinematics.limits;
    const jointLimits = Array.from(lower, (low, i) => [low, upper[i] as number] as const);
    this.ready = simulator.describe().then(scene => this.rename({ scene, jointLimits }));
    // Who waits for a visit is told by that; a training, which does not, goes on without a picture.
    this.ready.catch(error => {
      const text = `The scene cannot be shown: ${error instanceof Error ? error.message : error}`;
      this.options.announce?.(text);
      this.say({ type: 'notice', level: 'error', text });
    });
    return watched;
  }

  /** Tells pages more of what they show. */
  rename(more: Partial<Omit<Hello, 'type' | 'protocol'>>): void {
    this.hello = { ...this.hello, ...more };
    this.server.broadcast(this.hello);
  }

  /** Sends all pages what none may miss. */
  say(message: ServerMessage): void {
    this.server.broadcast(message);
  }

  /** Sends the pages that keep up how things stand. */
  show(message: ServerMessage): void {
    this.server.broadcastMoment(message);
  }

  /**
   * Waits for the first page, at most so long (ms). Returns whether one has come; throws what the simulator did where
   * it could not describe the scene.
   */
  async visited(milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    await this.ready;
    let enough = () => {};
    const late = new Promise<void>(resolve => {
      enough = resolve;
    });
    // Timers cannot wait forever.
    const timer = Number.isFinite(milliseconds) ? setTimeout(enough, milliseconds) : undefined;
    if (signal?.aborted) enough();
    signal?.addEventListener('abort', enough);
    await Promise.race([this.someone, late]);
    clearTimeout(timer);
    signal?.removeEventListener('abort', enough);
    return this.clients > 0;
  }

  /** Says goodbye and ends. */
  async close(text = 'This has ended; the page stays as it is.'): Promise<void> {
    await closeAll(
      () => this.pump?.pull(),
      this.pump,
      () => this.server.broadcast({ type: 'goodbye', text }),
      this.server,
    );
  }

  private greet(client: ViewerClient): void {
    client.send(this.hello);
    for (const message of this.options.greetings?.() ?? []) client.send(message);
    const frame = this.pump?.latest;
    if (frame) client.sendMoment(frame);
    // Poses were not pulled while nobody looked.
    void this.pump?.pull();
    this.firstClient();
  }
}
