// A program that supervises what the options in a file say, and prints the process group once it runs.
import { readFileSync } from 'node:fs';
import { superviseCoppeliaSim } from '../../../../src/bridge/coppeliasim/supervisor/index.ts';

const supervised = await superviseCoppeliaSim(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
console.log(supervised.info.pid);
setInterval(() => {}, 1000);
