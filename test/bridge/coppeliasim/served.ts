import { encodeMessage, RequestTransport } from '../../../src/bridge/coppeliasim/remote-api/index.ts';
import { type Running, startCli } from '../../cli/run-cli.ts';
import { freePort } from './supervisor/fake-installation.ts';

/** The embedded simulator served by a process of its own, which can be killed, frozen and started again. */
export class Served {
  readonly port: number;
  private running: Running | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  /** It must be killed in the end. */
  static async start(): Promise<Served> {
    const served = new Served(await freePort());
    await served.launch();
    return served;
  }

  get address(): string {
    return `tcp://127.0.0.1:${this.port}`;
  }

  async launch(): Promise<void> {
    this.running = startCli(['simulator', 'serve', '--port', String(this.port)]);
    // What it is asked to end with is the test's own doing.
    this.running.finished.catch(() => {});
    await this.running.until(/Listening on/);
  }

  /** Resolves once its output matches. */
  async until(pattern: RegExp): Promise<void> {
    await this.running?.until(pattern);
  }

  /** SIGKILL: nothing is said to anybody. */
  async kill(): Promise<void> {
    this.running?.child.kill('SIGKILL');
    await this.running?.finished;
    this.running = null;
  }

  freeze(): void {
    this.running?.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.running?.child.kill('SIGCONT');
  }

  /** One call by a client that then vanishes without a word, as one that was killed. It asked to be kept for an hour. */
  async callAndVanish(func: string, args: readonly unknown[] = []): Promise<void> {
    const transport = new RequestTransport({ address: this.address });
    const contact = { uuid: `vanished-${func}`, ver: 2, lang: 'test', timeout: 3600 };
    await transport.exchange(encodeMessage({ func, args, ...contact }), { timeout: 5 });
    transport.close();
  }
}
