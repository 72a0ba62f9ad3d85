import { isMainThread, Worker } from 'node:worker_threads';

/*
 * Ends this process when the one that started it is gone, whatever this one is doing: loading modules, or in the midst
 * of a call that never returns. A thread looks for it, since the main one may have no time.
 *
 *   node --import file:///…/parent-guard.js?parent=PID …
 *
 * Node has no access to Linux' parent death signal, and other systems have none. A process whose parent died has
 * another parent from then on.
 */

/** Between two looks, and how long the process then has to leave by itself, ms. */
const EVERY = 250;
const GRACE = 4_000;

const GUARD = `
const { workerData: { parent, every, grace } } = require('node:worker_threads');
const looking = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(looking);
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), grace);
}, every);
`;

const parent = Number(new URL(import.meta.url).searchParams.get('parent'));

// Threads of this process inherit its arguments.
if (isMainThread && parent > 0) {
  const thread = new Worker(GUARD, {
    eval: true,
    execArgv: [],
    workerData: { parent, every: EVERY, grace: GRACE },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  });
  thread.unref();
}
