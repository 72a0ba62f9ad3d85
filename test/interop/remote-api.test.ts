import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { serveRemoteApi } from '../../src/bridge/remote-api-server/index.ts';
import { pythonWithClient, run } from './python.ts';

const client = await pythonWithClient();
const script = resolve(import.meta.dirname, 'remote_api.py');

if ('missing' in client)
  // On stderr, past the reporter: whoever reads the log shall see that this was not tested.
  process.stderr.write(
    `Skipped: CoppeliaSim's official Python client was not run against the server. It takes Python 3 with venv, and its packages: ${client.missing}\n`,
  );

test.skipIf('missing' in client)(
  'CoppeliaSim’s official Python client drives the server: look-up, joints, steps, callbacks, errors, two clients',
  { timeout: 60_000 },
  async () => {
    if ('missing' in client) return;
    const server = await serveRemoteApi({ port: 0 });
    try {
      const port = server.address.split(':').at(-1) as string;
      const { code, output } = await run(client.python, [script, port], 50);
      expect(code, output).toBe(0);
      const found = JSON.parse(output.trim().split('\n').at(-1) as string) as { callsPerSecond: number };
      expect(found.callsPerSecond).toBeGreaterThan(0);
    } finally {
      await server.close();
    }
  },
);
