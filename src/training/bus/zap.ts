import { type Context, Reply } from 'zeromq';
import { SendQueue } from '../../common/send-queue.ts';

/** Z85's alphabet. Source: ZeroMQ RFC 32. */
const Z85 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Bytes, a multiple of four, as Z85. */
export function z85(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 4 <= bytes.length; i += 4) {
    let value = 0;
    for (let j = 0; j < 4; j++) value = value * 256 + (bytes[i + j] as number);
    let group = '';
    for (let j = 0; j < 5; j++) {
      group = (Z85[value % 85] as string) + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

/** Answers who may connect, until it is closed. */
export interface Gate {
  close(): void;
}

/**
 * Lets in only connections whose CURVE key is the one allowed: without it, whoever knows a server's public key may join.
 *
 * Answers every question of its context's sockets until closed. Source: ZeroMQ RFC 27, ZAP.
 */
export async function authenticate(
  context: Context,
  allowedKey: string,
  onRefused: (address: string) => void,
): Promise<Gate> {
  const socket = new Reply({ context, linger: 0 });
  await socket.bind('inproc://zeromq.zap.01');
  const queue = new SendQueue(socket);
  const serve = async () => {
    for await (const [version, request, , address, , mechanism, credentials] of socket) {
      const allowed =
        mechanism?.toString() === 'CURVE' && credentials?.length === 32 && z85(credentials) === allowedKey;
      if (!allowed) onRefused(address?.toString() ?? 'an unknown address');
      const answer = allowed ? ['200', 'OK', 'worker'] : ['400', 'This key is not allowed', ''];
      // One answer that cannot be given must not leave those after it without any.
      await queue.send([version ?? '1.0', request ?? '', ...answer, '']).catch(() => {});
    }
  };
  // The socket closing ends the loop.
  void serve().catch(() => {});
  return { close: () => queue.abort() };
}
