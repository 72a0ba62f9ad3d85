import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { fine, startPeer } from './peer.ts';

test.concurrent.each(['exit', 'throw', 'exit during a call', 'close'])(
  'a program that ends by "%s" takes leave',
  async way => {
    let ended: () => void = () => {};
    const end = new Promise<void>(resolve => {
      ended = resolve;
    });
    const peer = await startPeer(async ({ func }) => {
      // Whoever holds steps and hangs must be let go of nonetheless.
      if (func === 'sim.hang') await new Promise(resolve => setTimeout(resolve, 500));
      return func === 'sim.setStepping' ? { ret: [0] } : fine;
    });
    const path = new URL('./client-process.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', path, peer.address, way], { stdio: 'ignore' });
    child.on('exit', () => setTimeout(ended, 700));
    await end;
    expect(peer.requests.at(-1)?.func).toBe('_*end*_');
    expect(peer.requests.at(-1)?.uuid).toBe(peer.requests[0]?.uuid);
    peer.close();
  },
);
