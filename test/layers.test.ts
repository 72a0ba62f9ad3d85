import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const src = resolve(import.meta.dirname, '../src');

/** What each folder of src may import, besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  common: [],
  bridge: ['common'],
  envs: ['bridge', 'common'],
  engine: ['common'],
  agents: ['engine', 'common'],
  demos: ['agents', 'engine', 'envs', 'bridge', 'common'],
  training: ['demos', 'agents', 'engine', 'envs', 'bridge', 'common'],
  viewer: ['demos', 'agents', 'engine', 'envs', 'bridge', 'common'],
  cli: ['training', 'viewer', 'demos', 'agents', 'engine', 'envs', 'bridge', 'common', 'index.ts'],
  'index.ts': ['training', 'viewer', 'demos', 'agents', 'engine', 'envs', 'bridge', 'common'],
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));

test.each(files)('%s imports only what its layer may', file => {
  const layer = file.split('/')[0] as string;
  const allowed = ALLOWED[layer];
  expect(allowed, `the folder ${layer} has no place among the layers`).toBeDefined();
  const text = readFileSync(join(src, file), 'utf8');
  for (const [, path] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = relative(src, resolve(src, dirname(file), path as string)).split('/')[0] as string;
    if (target !== layer) expect(allowed, `${file} imports ${path}`).toContain(target);
  }
});
