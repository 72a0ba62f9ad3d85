/** Arguments for Node with which a process ends when this one is gone; from sources, after those for TypeScript's loader. */
export function guardArguments(): readonly string[] {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return ['--import', `${new URL(`./parent-guard.${extension}`, import.meta.url).href}?parent=${process.pid}`];
}
