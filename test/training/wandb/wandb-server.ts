import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server behaves where it does not simply answer. */
export type Manner = 'well' | 'silent' | { readonly status: number };

/** A run as it arrived. */
export interface ArrivedRun {
  readonly project: string;
  readonly entity: string;
  readonly name: string;
  readonly config: Record<string, unknown>;
  /** Rows of its history by their place in it. */
  readonly history: Record<string, number>[];
  summary: Record<string, number>;
  exitCode: number | null;
}

/**
 * As much of W&B's server as `@wandb/sdk` 0.5.1 talks to: GraphQL for the account and the run, and the stream of a
 * run's files, where a piece of a file says from which line on it stands.
 */
export class WandbServer {
  readonly runs = new Map<string, ArrivedRun>();
  /** What clients sent as who they are. */
  readonly authorizations = new Set<string>();
  requests = 0;
  graphql: Manner = 'well';
  stream: Manner = 'well';
  private readonly server = createServer((request, response) => void this.answer(request, response));

  /** It must be closed in the end. */
  static async start(): Promise<WandbServer> {
    const fake = new WandbServer();
    fake.server.listen(0, '127.0.0.1');
    await once(fake.server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`; // It listens.
  }

  /** The only run that arrived. */
  get run(): ArrivedRun {
    const [run, ...more] = this.runs.values();
    if (run === undefined || more.length > 0) throw new Error(`${this.runs.size} runs arrived`);
    return run;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    this.authorizations.add(request.headers.authorization ?? '');
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const streamed = /^\/files\/([^/]+)\/([^/]+)\/([^/]+)\/file_stream$/.exec(request.url ?? '');
    const manner = streamed === null ? this.graphql : this.stream;
    if (manner === 'silent') return;
    if (manner !== 'well') {
      response.writeHead(manner.status, { 'Content-Type': 'application/json' }).end('{"error":"no"}');
      return;
    }
    const body = JSON.parse(text) as Message; // The package's own.
    const reply = streamed === null ? this.query(body) : this.append(`${streamed.slice(1, 4).join('/')}`, body);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(reply));
  }

  private query({ query = '', variables = {} }: Message): object {
    if (query.includes('query Viewer')) return { data: { viewer: { id: 'u', entity: 'somebody', flags: null } } };
    const { name = '', project = '', entity = '', displayName = '', config = '{}' } = variables;
    this.runs.set(`${entity}/${project}/${name}`, {
      project,
      entity,
      name: displayName,
      config: JSON.parse(config) as Record<string, unknown>, // Looked at by the test.
      history: [],
      summary: {},
      exitCode: null,
    });
    return { data: { upsertBucket: { inserted: true, bucket: { id: 'b', name, displayName } } } };
  }

  private append(path: string, { files = {}, complete, exitcode }: Message): object {
    const run = this.runs.get(path);
    if (run === undefined) return { error: 'no such run' };
    const { 'wandb-history.jsonl': history, 'wandb-summary.json': summary } = files;
    for (const [i, line] of (history?.content ?? []).entries())
      run.history[(history?.offset ?? 0) + i] = JSON.parse(line) as Record<string, number>; // As above.
    if (summary !== undefined) run.summary = JSON.parse(summary.content[0] ?? '{}') as Record<string, number>; // As above.
    if (complete === true) run.exitCode = exitcode ?? null;
    return {};
  }
}

interface Message {
  readonly query?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, { readonly offset: number; readonly content: readonly string[] }>>;
  readonly complete?: boolean;
  readonly exitcode?: number;
}
