import { startPeer } from './peer.ts';

/**
 * A simulator in a process of its own, to be stopped and killed: answers any call with its process's id.
 *
 * `node --import tsx peer-process.ts ADDRESS` prints the address once it listens.
 */
const peer = await startPeer(() => ({ ret: [process.pid] }), process.argv[2]);
console.log(peer.address);
