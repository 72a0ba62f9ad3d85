import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a module of this package in a thread of its own.
 *
 * @param importer `import.meta.url` of the file beside which the module is.
 * @param name of the module, without an extension.
 */
export function startThread(importer: string, name: string, options: WorkerOptions): Worker {
  if (importer.endsWith('.js')) return new Worker(new URL(`./${name}.js`, importer), options);
  // In a checkout the thread's files are TypeScript, and a thread does not take the loader over from the process.
  const loader = import.meta.resolve('tsx/esm/api');
  const file = new URL(`./${name}.ts`, importer).href;
  const start = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(file)}); })`;
  return new Worker(start, { ...options, eval: true, execArgv: [] });
}
