import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RunFeed, readMetrics, train } from '../../src/training/index.ts';
import { LiveViewer, type RunMetrics, RunWatcher, type ServerMessage } from '../../src/viewer/index.ts';
import { lastStateOf, temporaryFolder } from '../training/run-files.ts';

/** A training of a second or two on a real arm. */
const OPTIONS = {
  env: 'SawyerReach-v1',
  seed: 3,
  steps: 240,
  untilSuccess: 0,
  evalEvery: 120,
  evalEpisodes: 2,
  finalEpisodes: 2,
  checkpointEvery: 120,
  logEvery: 40,
  randomSteps: 60,
  bufferCapacity: 1000,
  agentOptions: { actorHidden: [16, 16], criticHidden: [16, 16], batchSize: 16 },
} as const;

test('a training that is watched learns the very same, bit for bit, and shows poses and curves', async () => {
  const runsDirectory = temporaryFolder();
  await train({ options: OPTIONS, runsDirectory, name: 'alone' });

  const watcher = new RunWatcher(new RunFeed([runsDirectory]));
  const viewer = await LiveViewer.start({
    title: 'a training',
    abilities: { training: true },
    greetings: () => [watcher.greeting()],
    onMessage: (message, client) => watcher.handle(message, client),
    onLeave: client => watcher.leave(client),
  });
  watcher.attach(viewer);
  const texts: ServerMessage[] = [];
  let frames = 0;
  const socket = new WebSocket(viewer.url.replace('http:', 'ws:').replace('/?', '/live?'));
  socket.on('message', (data, isBinary) => {
    if (isBinary) frames++;
    else texts.push(JSON.parse(String(data)) as ServerMessage); // Sent by our own server.
  });
  await new Promise(done => socket.once('open', done));
  socket.send(JSON.stringify({ type: 'select', runs: ['alone', 'watched'] }));
  await train({ options: OPTIONS, runsDirectory, name: 'watched' }, { around: simulator => viewer.watch(simulator) });
  watcher.look();
  const sent = (name: string) =>
    texts.filter((message): message is RunMetrics => message.type === 'metrics' && message.run === name);
  for (const name of ['alone', 'watched']) {
    const records = readMetrics(join(runsDirectory, name, 'metrics.jsonl')).filter(({ type }) => type === 'train');
    const shown = () => sent(name).flatMap(({ series }) => series['Return/training']?.steps ?? []);
    await expect.poll(shown, { timeout: 60_000 }).toEqual(records.map(({ envSteps }) => envSteps));
    // How many records come at once is the machine's affair.
    expect(sent(name).flatMap(({ series }) => Object.keys(series))).toContain('Losses/critic loss');
  }
  watcher.close();
  await viewer.close();

  expect(lastStateOf(join(runsDirectory, 'watched'))).toEqual(lastStateOf(join(runsDirectory, 'alone')));
  expect(frames).toBeGreaterThan(2);
});
