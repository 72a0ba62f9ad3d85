import { connectRemoteApi } from '../../../../src/bridge/index.ts';

/**
 * A program that uses the client and ends in the way it is told: `node --import tsx client-process.ts ADDRESS WAY`.
 */
const [, , address = '', way] = process.argv;
const client = await connectRemoteApi({ address });
await client.call('sim.setStepping', [true]);
if (way === 'exit') process.exit(0);
if (way === 'throw') throw new Error('on purpose');
if (way === 'exit during a call') {
  client.call('sim.hang').catch(() => {});
  setTimeout(() => process.exit(0), 100);
}
if (way === 'close') await client.close();
