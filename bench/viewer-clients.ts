import { WebSocket } from 'ws';

/*
 * The viewers of `bench/viewer.ts cost`, in a process of their own as browsers are: connects so many sockets, or
 * disconnects them, and says how many pose frames the first of them got.
 */

/** What it is asked: connect to this address, or let go of what is connected. */
export type ClientsOrder =
  | { readonly kind: 'connect'; readonly url: string; readonly count: number; readonly run: string }
  | { readonly kind: 'disconnect' };

let sockets: WebSocket[] = [];
let frames = 0;

process.on('message', (order: ClientsOrder) => {
  for (const socket of sockets) socket.terminate();
  sockets = [];
  if (order.kind === 'disconnect') {
    process.send?.({ frames });
    frames = 0;
    return;
  }
  const { url, count, run } = order;
  sockets = Array.from({ length: count }, (_, i) => {
    const socket = new WebSocket(url);
    socket.on('message', (_data, isBinary) => {
      if (isBinary && i === 0) frames++;
    });
    socket.on('open', () => {
      socket.send(JSON.stringify({ type: 'select', runs: [run] }));
      // The last of several does not read.
      if (count > 1 && i === count - 1) socket.pause();
    });
    socket.on('error', () => {});
    return socket;
  });
});
