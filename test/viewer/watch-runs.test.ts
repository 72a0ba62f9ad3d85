import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { LiveViewer, RunWatcher, type ServerMessage } from '../../src/viewer/index.ts';
import type { RunSource } from '../../src/viewer/watch-runs.ts';

const RUN = { name: 'long', env: 'SawyerGrasp-v1', algorithm: 'sac', seed: 1, finished: true };

/** A page without a browser that has asked for the run. */
async function watch(news: ReturnType<RunSource['follow']>) {
  const watcher = new RunWatcher({ list: () => [RUN], follow: () => news });
  const viewer = await LiveViewer.start({
    title: 'runs',
    abilities: { training: true },
    onMessage: (message, client) => watcher.handle(message, client),
    onLeave: client => watcher.leave(client),
  });
  watcher.attach(viewer);
  onTestFinished(async () => {
    watcher.close();
    await viewer.close();
  });
  const socket = new WebSocket(viewer.url.replace('http:', 'ws:').replace('/?', '/live?'));
  const texts: ServerMessage[] = [];
  socket.on('message', data => texts.push(JSON.parse(String(data)) as ServerMessage)); // Sent by our own server.
  await new Promise(done => socket.once('open', done));
  return { viewer, socket, texts, select: () => socket.send(JSON.stringify({ type: 'select', runs: [RUN.name] })) };
}

test('a long run comes bit by bit, in order, to a page that is slow to read', async () => {
  // 80 MB: more than waits for any client, or fits into a connection's own buffers.
  const parts = 400;
  const values = Array.from({ length: 10_000 }, (_, i) => Math.sin(i));
  let given = 0;
  const { viewer, socket, texts, select } = await watch(() =>
    given === parts ? null : { reset: given === 0, series: { Return: { steps: [given++], values } } },
  );
  select();
  await expect.poll(() => given, { timeout: 20_000 }).toBeGreaterThan(0);
  socket.pause();
  let before = -1;
  const rests = () => {
    const same = given === before;
    before = given;
    return same;
  };
  await expect.poll(rests, { timeout: 20_000, interval: 500 }).toBe(true);
  expect(given).toBeLessThan(parts);
  expect(viewer.clients).toBe(1);
  socket.resume();
  const sent = () => texts.flatMap(message => (message.type === 'metrics' ? [message] : []));
  await expect.poll(() => sent().length, { timeout: 40_000, interval: 100 }).toBe(parts);
  expect(sent().map(({ series }) => series.Return?.steps[0])).toEqual(Array.from({ length: parts }, (_, i) => i));
  expect(sent().map(({ reset }) => reset)).toEqual(Array.from({ length: parts }, (_, i) => i === 0));
  expect(viewer.clients).toBe(1);
});

test('a run that cannot be read is said to be, once, and shown when it can', async () => {
  let looks = 0;
  const { texts, select } = await watch(() => {
    looks++;
    if (looks < 4) throw new Error('EACCES: permission denied');
    return looks === 4 ? { reset: true, series: { Return: { steps: [1], values: [2] } } } : null;
  });
  select();
  await expect.poll(() => texts.at(-1)?.type, { timeout: 20_000 }).toBe('metrics');
  expect(texts.filter(({ type }) => type === 'notice')).toEqual([
    { type: 'notice', level: 'error', text: 'The metrics of long cannot be read: EACCES: permission denied' },
  ]);
});
