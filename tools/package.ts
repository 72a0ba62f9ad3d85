/**
 * Builds the package from nothing and packs it: `npm run package [-- FOLDER]` leaves the archive in the checkout, or in FOLDER.
 *
 * The checkout's own manifest is private and cannot be packed by npm alone (`.npmrc`). What is packed here has no
 * scripts and no development dependencies.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const NPM = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const destination = resolve(process.argv[2] ?? ROOT);

rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
execFileSync(NPM, ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });

const {
  private: _,
  scripts: _s,
  devDependencies: _d,
  overrides: _o,
  ...manifest
} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const stage = mkdtempSync(join(tmpdir(), 'graspbridge-package-'));
try {
  for (const name of manifest.files) {
    if (!existsSync(join(ROOT, name))) throw new Error(`${name} is missing: package.json lists it in "files".`);
    cpSync(join(ROOT, name), join(stage, name), { recursive: true });
  }
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  execFileSync(NPM, ['pack', '--silent', '--pack-destination', destination], { cwd: stage, stdio: 'inherit' });
} finally {
  rmSync(stage, { recursive: true, force: true });
}
