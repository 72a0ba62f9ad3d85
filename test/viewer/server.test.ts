import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ViewerServerError } from '../../src/viewer/errors.ts';
import { type ClientMessage, MAX_RUNS, type ServerMessage } from '../../src/viewer/protocol.ts';
import { ViewerServer } from '../../src/viewer/server/server.ts';

const NOTICE: ServerMessage = { type: 'notice', level: 'info', text: 'hello' };

/** A real server with a page of one file. */
async function serve(onMessage: (message: ClientMessage) => void = () => {}, port = 0): Promise<ViewerServer> {
  const page = mkdtempSync(join(tmpdir(), 'graspbridge-page-'));
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(page, 'secret.txt'), 'not a kind of file that is served');
  const server = await ViewerServer.start({ page, port, onMessage, onClient: client => client.send(NOTICE) });
  onTestFinished(async () => {
    await server.close();
    rmSync(page, { recursive: true });
  });
  return server;
}

const tokenOf = ({ url }: ViewerServer) => new URL(url).searchParams.get('token') ?? '';
const base = ({ port }: ViewerServer) => `http://127.0.0.1:${port}`;

interface Connected {
  readonly socket: WebSocket;
  /** Texts that came. */
  readonly texts: string[];
}

/** Connects as a page does; rejects with the status where the server refuses. */
function connectTo(server: ViewerServer, { token = tokenOf(server), origin = base(server), path = '/live' } = {}) {
  return new Promise<Connected>((done, fail) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}?token=${token}`, { origin });
    const texts: string[] = [];
    socket.on('message', data => texts.push(String(data)));
    socket.on('open', () => done({ socket, texts }));
    socket.on('unexpected-response', (_, response) => fail(new Error(`refused with ${response.statusCode}`)));
    socket.on('error', fail);
    onTestFinished(() => socket.terminate());
  });
}

const closing = (socket: WebSocket) =>
  new Promise<{ code: number; reason: string }>(done =>
    socket.on('close', (code, reason) => done({ code, reason: String(reason) })),
  );

const waitFor = async (condition: () => boolean) => {
  for (const deadline = Date.now() + 60_000; !condition(); await new Promise(done => setTimeout(done, 10)))
    if (Date.now() > deadline) throw new Error('waited in vain');
};

test('the page is given to whoever has the token, with a cookie for what it asks next', async () => {
  const server = await serve();
  const first = await fetch(server.url);
  expect(first.status).toBe(200);
  expect(await first.text()).toContain('<title>page</title>');
  const cookie = first.headers.get('set-cookie') ?? '';
  expect(cookie).toContain('HttpOnly');
  expect(cookie).toContain('SameSite=Strict');
  const next = await fetch(`${base(server)}/`, { headers: { cookie: cookie.split(';')[0] ?? '' } });
  expect(next.status).toBe(200);
});

test('the page may load nothing from elsewhere, and may be shown in no other page', async () => {
  const server = await serve();
  const policy = (await fetch(server.url)).headers.get('content-security-policy') ?? '';
  const sources = policy.split(';').flatMap(rule => rule.trim().split(' ').slice(1));
  const allowed = ["'none'", "'self'", "'unsafe-inline'", 'data:', 'blob:', `ws://127.0.0.1:${server.port}`];
  expect(sources.filter(source => !allowed.includes(source))).toEqual([]);
  expect(policy).toMatch(/script-src 'self';/);
  expect(policy).toContain("frame-ancestors 'none'");
});

test('without the token, or with a wrong one, nothing is given', async () => {
  const server = await serve();
  for (const path of ['/', '//', '/?token=', '/?token=wrong', `/?token=${tokenOf(server)}x`, '/live', '/index.html'])
    expect((await fetch(base(server) + path)).status, path).toBe(403);
  for (const token of ['', 'wrong', tokenOf(server).toLowerCase().slice(0, -1)])
    await expect(connectTo(server, { token })).rejects.toThrow('refused with 403');
});

test('a page of another origin, and a foreign name for this machine, are refused though they have the token', async () => {
  const server = await serve();
  for (const origin of [
    'http://evil.example',
    `http://127.0.0.1:${server.port + 1}`,
    'null',
    `https://127.0.0.1:${server.port}`,
  ])
    await expect(connectTo(server, { origin }), origin).rejects.toThrow('refused with 403');
  expect((await fetch(server.url, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  // fetch sets its own Host, so this is said over a plain socket.
  const answer = await new Promise<string>(done => {
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`GET /?token=${tokenOf(server)} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', data => {
      text += data;
    });
    socket.on('close', () => done(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 403/);
});

test('the page is reached through a forwarded port, and at port 80, which browsers leave out; its origin must be the same', async () => {
  const server = await serve();
  /** The status, for a Host and an Origin that fetch would not let be chosen. */
  const ask = (host: string, origin?: string) =>
    new Promise<string>(done => {
      const lines = [`GET /?token=${tokenOf(server)} HTTP/1.1`, `Host: ${host}`, 'Connection: close'];
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write([...lines, ...(origin === undefined ? [] : [`Origin: ${origin}`]), '', ''].join('\r\n')),
      );
      socket.on('data', data => done(String(data).slice(9, 12)));
    });
  for (const host of ['localhost', '127.0.0.1', '[::1]:9000', 'localhost:9000']) {
    expect(await ask(host), host).toBe('200');
    expect(await ask(host, `http://${host}`), host).toBe('200');
    expect(await ask(host, 'http://localhost:3000'), host).toBe('403');
  }
  for (const host of [
    'localhost.evil.example',
    '127.0.0.1.evil.example:80',
    'evil.example:80',
    'localhost:80@evil',
    '',
  ])
    expect(await ask(host, `http://${host}`), host).toBe('403');
});

test('only files of the page are served, whatever the path says', async () => {
  const server = await serve();
  for (const path of ['/secret.txt', '/../package.json', '/%2e%2e/package.json', '//etc/passwd', '/assets', '/.env'])
    expect((await fetch(`${base(server)}${path}?token=${tokenOf(server)}`)).status, path).toBe(404);
  await expect(connectTo(server, { path: '/other' })).rejects.toThrow('refused with 404');
});

test('takes an upload from whoever has the token, and rejects one that is too long before reading it', async () => {
  const uploads: (Uint8Array | Error)[] = [];
  const page = mkdtempSync(join(tmpdir(), 'graspbridge-page-'));
  const server = await ViewerServer.start({ page, onUpload: upload => uploads.push(upload) });
  onTestFinished(async () => {
    await server.close();
    rmSync(page, { recursive: true });
  });
  const address = `${base(server)}/upload?token=${tokenOf(server)}`;
  const post = async (url: string, headers: Record<string, string> = {}) =>
    (await fetch(url, { method: 'POST', body: 'pictures', headers })).status;
  expect(await post(`${base(server)}/upload`)).toBe(403);
  expect(await post(`${base(server)}/?token=${tokenOf(server)}`)).toBe(404);
  expect(uploads).toEqual([]);
  expect(await post(address)).toBe(204);
  expect(await post(address, { 'x-failure': '1' })).toBe(204);
  expect(uploads).toEqual([Buffer.from('pictures'), new Error('pictures')]);
  const status = await new Promise(done => {
    // fetch counts the length itself.
    const sent = request(address, { method: 'POST', headers: { 'content-length': 2 ** 31 } }, answer => {
      done(answer.statusCode);
      sent.destroy();
    });
    sent.on('error', () => {});
    sent.write('x');
  });
  expect(status).toBe(413);
  expect(uploads).toHaveLength(2);
});

test('takes no upload where none is wanted', async () => {
  const server = await serve();
  const answer = await fetch(`${base(server)}/upload?token=${tokenOf(server)}`, { method: 'POST', body: 'x' });
  expect(answer.status).toBe(404);
});

test('what a page says is checked; the rest of it never arrives', async () => {
  const heard: ClientMessage[] = [];
  const server = await serve(message => heard.push(message));
  const { socket } = await connectTo(server);
  socket.send(JSON.stringify({ type: 'seed', seed: 3 }));
  await waitFor(() => heard.length === 1);
  expect(heard).toEqual([{ type: 'seed', seed: 3 }]);
  const wrong = [
    'no JSON',
    '[]',
    'null',
    '{"type":"seed","seed":-1}',
    '{"type":"seed","seed":1.5}',
    '{"type":"speed","speed":0}',
    '{"type":"drive","x":2,"y":0,"z":0,"turn":0,"gripper":0}',
    '{"type":"pause"}',
    '{"type":"pause","paused":true,"more":1}',
    '{"type":"unknown"}',
    Buffer.from([1, 2, 3]),
  ];
  for (const text of wrong) {
    const { socket: other } = await connectTo(server);
    const closed = closing(other);
    other.send(text);
    expect(await closed, String(text)).toEqual({ code: 1008, reason: 'not a message of this protocol' });
  }
  expect(heard).toHaveLength(1);
});

test('a page may follow as many runs as there may be, by the longest names', async () => {
  const heard: ClientMessage[] = [];
  const server = await serve(message => heard.push(message));
  const { socket } = await connectTo(server);
  const select = { type: 'select', runs: Array.from({ length: MAX_RUNS }, (_, i) => String(i).padStart(4096, '/')) };
  socket.send(JSON.stringify(select));
  await waitFor(() => heard.length === 1);
  expect(heard).toEqual([select]);
  const closed = closing(socket);
  socket.send(JSON.stringify({ type: 'select', runs: [...select.runs.map(() => 'run'), 'one more'] }));
  expect((await closed).code).toBe(1008);
});

test('messages too long or too many end the connection', async () => {
  const heard: ClientMessage[] = [];
  const server = await serve(message => heard.push(message));
  const long = await connectTo(server);
  const tooLong = closing(long.socket);
  long.socket.send(JSON.stringify({ type: 'select', runs: ['x'.repeat(1 << 20)] }));
  // RFC 6455, 7.4.1: 1009 is a message too big.
  expect((await tooLong).code).toBe(1009);
  const many = await connectTo(server);
  const tooMany = closing(many.socket);
  const began = performance.now();
  for (let i = 0; i < 2000; i++) many.socket.send('{"type":"step"}');
  expect(await tooMany).toEqual({ code: 1008, reason: 'too many messages' });
  // 240 at once, and 240 a second from then on, by a clock of whole milliseconds.
  expect(heard.length).toBeLessThanOrEqual(241 + (240 * (performance.now() - began)) / 1000);
});

test('of what comes after a message that is refused nothing is carried out', async () => {
  const heard: ClientMessage[] = [];
  const server = await serve(message => heard.push(message));
  const { socket } = await connectTo(server);
  const closed = closing(socket);
  socket.send('no message');
  for (let i = 0; i < 20; i++) socket.send('{"type":"step"}');
  expect((await closed).code).toBe(1008);
  expect(heard).toEqual([]);
});

test('the server closes though a client that was refused keeps its half of the connection open', async () => {
  const server = await serve();
  const { port } = server;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => {
    socket.destroy();
  });
  const lines = [
    ...['GET /live?token=wrong HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Connection: Upgrade', 'Upgrade: websocket'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
  ];
  const answer = await new Promise(done => {
    socket.once('data', done);
    socket.write(lines.join('\r\n'));
  });
  expect(String(answer)).toMatch(/^HTTP\/1\.1 403/);
  await server.close();
});

test('a client that does not read gets less, is given up at last, and holds up nobody', async () => {
  // Without the heartbeat: on a slow machine it would give the paused client up before what is looked at here does.
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const server = await serve();
  const slow = await connectTo(server);
  const quick = await connectTo(server);
  slow.socket.pause();
  const frame = new Uint8Array(16 << 10).fill(7);
  const began = performance.now();
  let longest = 0;
  for (let i = 0; i < 3000; i++) {
    const before = performance.now();
    server.broadcastMoment(frame);
    longest = Math.max(longest, performance.now() - before);
    if (i % 20 === 0) await new Promise(done => setImmediate(done));
  }
  server.broadcast({ ...NOTICE, text: 'after it all' });
  await waitFor(() => quick.texts.some(text => text.includes('after it all')));
  console.log(
    `3000 frames of 16 KiB in ${(performance.now() - began).toFixed(0)} ms, the longest call ${longest.toFixed(1)} ms`,
  );
  // 48 MB were offered; what waits for the slow one is bounded.
  expect(server.clients.size).toBe(2);
  const text = 'x'.repeat(1 << 20);
  for (let i = 0; i < 80 && server.clients.size === 2; i++) {
    server.broadcast({ ...NOTICE, text });
    await waitFor(() => quick.texts.filter(sent => sent.length > 1 << 20).length > i);
  }
  await waitFor(() => server.clients.size === 1);
});

test('a port that is taken is said to be', async () => {
  const { port } = await serve();
  await expect(serve(() => {}, port)).rejects.toThrow(ViewerServerError);
  await expect(serve(() => {}, port)).rejects.toThrow(/Choose another --port/);
});
