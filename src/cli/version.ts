import { createRequire } from 'node:module';

/** This package's version. */
export function version(): string {
  // Two folders up from src/cli as from dist/cli.
  const found: { version: string } = createRequire(import.meta.url)('../../package.json');
  return found.version;
}
