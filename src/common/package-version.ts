import { createRequire } from 'node:module';

/** This package's version. */
export function packageVersion(): string {
  // Two folders up from src/common as from dist/common.
  const found: unknown = createRequire(import.meta.url)('../../package.json');
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}
