import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findInstallation } from '../../../../src/bridge/coppeliasim/supervisor/index.ts';
import { SimulatorStartError } from '../../../../src/bridge/errors.ts';

function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'graspbridge-installation-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function program(path: string, executable = true): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, executable ? 0o755 : 0o644);
  return path;
}

test.each([
  ['the start script', ['coppeliaSim.sh', 'coppeliaSim'], 'coppeliaSim.sh'],
  ['the program alone', ['coppeliaSim'], 'coppeliaSim'],
  [
    'a macOS bundle beside',
    ['coppeliaSim.app/Contents/MacOS/coppeliaSim'],
    'coppeliaSim.app/Contents/MacOS/coppeliaSim',
  ],
])('%s is found in the folder that was told', (_, files, found) => {
  const root = folder();
  for (const file of files) program(join(root, file));
  const installation = findInstallation({ coppeliaSim: root });
  expect(installation.executable).toBe(join(root, found));
  expect(installation.folder).toBe(dirname(join(root, found)));
  expect(installation.foundBy).toBe('--coppeliasim');
});

test('the program itself may be told, and a bundle', () => {
  const root = folder();
  const script = program(join(root, 'mine.sh'));
  expect(findInstallation({ coppeliaSim: script }).executable).toBe(script);
  const inside = program(join(root, 'coppeliaSim.app/Contents/MacOS/coppeliaSim'));
  expect(findInstallation({ coppeliaSim: join(root, 'coppeliaSim.app') }).executable).toBe(inside);
});

test('COPPELIASIM_ROOT_DIR comes before the PATH, where a link leads into the installation', () => {
  const [root, other, links] = [folder(), folder(), folder()];
  const script = program(join(root, 'coppeliaSim.sh'));
  const linked = program(join(other, 'coppeliaSim.sh'));
  symlinkSync(linked, join(links, 'coppeliaSim.sh'));
  const PATH = [links, '/usr/bin'].join(delimiter);
  expect(findInstallation({ environment: { COPPELIASIM_ROOT_DIR: root, PATH } }).executable).toBe(script);
  const found = findInstallation({ environment: { PATH } });
  expect(found).toEqual({ executable: linked, folder: other, foundBy: 'PATH' });
});

test('every place that was looked at is named where nothing is found', () => {
  const [root, path] = [folder(), folder()];
  program(join(root, 'coppeliaSim.sh'), false);
  const look = () => findInstallation({ environment: { COPPELIASIM_ROOT_DIR: root, PATH: path } });
  expect(look).toThrow(SimulatorStartError);
  expect(look).toThrow(`${root} (COPPELIASIM_ROOT_DIR)`);
  expect(look).toThrow(`PATH: ${path}`);
  expect(() => findInstallation({ coppeliaSim: root, environment: { PATH: path } })).not.toThrow(`PATH: ${path}`);
  expect(() => findInstallation({ environment: {} })).toThrow('COPPELIASIM_ROOT_DIR, which is not set');
});
