import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ViewerPageError } from '../errors.ts';

/** The package's folder, three up from here as from dist/viewer/server. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BUILT = join(ROOT, 'dist', 'viewer', 'page');
const VIEWER = join(ROOT, 'src', 'viewer');
const STAMP = 'sources.sha256';

/**
 * The folder of the built page.
 *
 * The package brings it. In a checkout it is built when it is first wanted, and again when its sources have changed.
 * Throws ViewerPageError where it is missing and cannot be built.
 */
export async function pageDirectory(announce: (text: string) => void = () => {}): Promise<string> {
  const sources = join(VIEWER, 'page');
  if (!existsSync(join(sources, 'index.html'))) {
    if (existsSync(join(BUILT, 'index.html'))) return BUILT;
    throw new ViewerPageError(`The viewer's page is not in ${BUILT}. Install the package again, or build it.`);
  }
  const digest = digestOf(sources);
  if (readStamp(BUILT) === digest) return BUILT;
  announce('Building the page, once …');
  await buildPage(sources, digest);
  return BUILT;
}

/** Builds aside and moves into place, so that two commands that start together do not read half a page. */
async function buildPage(sources: string, digest: string): Promise<void> {
  const aside = `${BUILT}.${process.pid}`;
  const previous = `${aside}.previous`;
  try {
    const { build } = await import('vite');
    await build({
      root: sources,
      configFile: join(sources, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: aside, emptyOutDir: true },
    });
    writeFileSync(join(aside, STAMP), digest);
    if (existsSync(BUILT)) renameSync(BUILT, previous);
    renameSync(aside, BUILT);
  } catch (cause) {
    if (readStamp(BUILT) === digest) return;
    throw new ViewerPageError(
      `Building the viewer's page from ${sources} failed: ${cause instanceof Error ? cause.message : cause}. Run npm ci, then npm run build.`,
      { cause },
    );
  } finally {
    rmSync(aside, { recursive: true, force: true });
    rmSync(previous, { recursive: true, force: true });
  }
}

function readStamp(directory: string): string | null {
  const path = join(directory, STAMP);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Of all that the page is built from: its own files, what it shares with the server, and the libraries' versions. */
function digestOf(sources: string): string {
  const hash = createHash('sha256');
  const own = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  const shared = ['protocol.ts', 'pose-frame.ts'].map(name => join(VIEWER, name));
  const libraries = ['three', 'uplot', 'mediabunny', 'gifenc'].map(name =>
    join(ROOT, 'node_modules', name, 'package.json'),
  );
  for (const path of [...own, ...shared, ...libraries])
    if (existsSync(path)) hash.update(path).update(readFileSync(path));
  return hash.digest('hex');
}
