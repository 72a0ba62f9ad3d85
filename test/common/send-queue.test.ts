import { expect, onTestFinished, test } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { SendQueue, SendQueueClosedError, SendQueueFullError } from '../../src/common/send-queue.ts';

/** Two sockets that are connected. */
async function pair() {
  const router = new Router({ linger: 0, receiveHighWaterMark: 100_000 });
  await router.bind('tcp://127.0.0.1:*');
  const dealer = new Dealer({ linger: 0, sendHighWaterMark: 100_000 });
  dealer.connect(router.lastEndpoint ?? '');
  onTestFinished(() => {
    router.close();
    dealer.close();
  });
  return { router, dealer };
}

/** A socket that is connected to nobody, so that nothing it is given is ever sent. */
function lonely(): Dealer {
  const socket = new Dealer({ linger: 0 });
  onTestFinished(() => socket.close());
  return socket;
}

test('SendQueue sends thousands of messages of one turn in order, where the socket alone throws', async () => {
  const { router, dealer } = await pair();
  const bare = new Dealer({ linger: 0 });
  onTestFinished(() => bare.close());
  bare.connect(router.lastEndpoint ?? '');
  const overwhelm = () => {
    for (let i = 0; i < 5_000; i++) bare.send('x').catch(() => {});
  };
  expect(overwhelm).toThrow('busy writing');
  bare.close();

  const queue = new SendQueue(dealer);
  const sent = Array.from({ length: 5_000 }, (_, i) => queue.send(String(i)));
  const received: number[] = [];
  for await (const [, text] of router) {
    if (String(text) === 'x') continue;
    received.push(Number(String(text)));
    if (received.length === sent.length) break;
  }
  await Promise.all(sent);
  expect(received).toEqual(sent.map((_, i) => i));
  expect(queue.size).toBe(0);
});

test('SendQueue rejects what exceeds its limit, and keeps what waits', async () => {
  const queue = new SendQueue(lonely(), 3);
  const results = Promise.allSettled([1, 2, 3, 4].map(i => queue.send(String(i))));
  expect(queue.size).toBe(3);
  await expect(queue.send('more')).rejects.toThrow(SendQueueFullError);
  queue.abort();
  const reasons = (await results).map(result => (result.status === 'rejected' ? result.reason.constructor : null));
  expect(reasons).toEqual([SendQueueClosedError, SendQueueClosedError, SendQueueClosedError, SendQueueFullError]);
});

test('SendQueue sends what waits before it closes the socket, and takes nothing more', async () => {
  const { router, dealer } = await pair();
  const queue = new SendQueue(dealer);
  dealer.linger = 5_000;
  const sent = Array.from({ length: 2_000 }, (_, i) => queue.send(String(i)));
  const closing = queue.close(60_000);
  await expect(queue.send('late')).rejects.toThrow(SendQueueClosedError);
  await closing;
  await Promise.all(sent);
  expect(dealer.closed).toBe(true);
  let last = '';
  for await (const [, text] of router) {
    last = String(text);
    if (last === '1999') break;
  }
  expect(last).toBe('1999');
});

test('SendQueue gives up on messages that cannot be sent when it closes', async () => {
  const socket = lonely();
  const queue = new SendQueue(socket);
  const sent = queue.send('nobody').catch((error: unknown) => error);
  await queue.close(10);
  expect(await sent).toBeInstanceOf(SendQueueClosedError);
  expect(socket.closed).toBe(true);
});

test('SendQueue reports an error of the socket to the one who sent the message, and continues', async () => {
  const socket = new Dealer({ linger: 0, sendTimeout: 0 });
  onTestFinished(() => socket.close());
  const queue = new SendQueue(socket);
  const results = await Promise.allSettled([queue.send('one'), queue.send('two')]);
  const codes = results.map(result => (result.status === 'rejected' ? result.reason.code : null));
  expect(codes).toEqual(['EAGAIN', 'EAGAIN']);
  expect(queue.size).toBe(0);
});
