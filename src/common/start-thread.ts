import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * A thread whose output is not for reading: a parent that reads a worker's stdout or stderr is kept alive by it until the
 * worker ends, even after `unref()`.
 */
export type Thread = Omit<Worker, 'stdout' | 'stderr'>;

export interface ThreadOptions extends Omit<WorkerOptions, 'stdin' | 'stdout' | 'stderr'> {
  /** Keeps what the thread prints from the process's output; the thread itself must call `discardOutput`. */
  readonly silent?: boolean;
}

/**
 * Starts a module of this package in a thread of its own.
 *
 * @param importer `import.meta.url` of the file beside which the module is.
 * @param name of the module, without an extension.
 */
export function startThread(importer: string, name: string, { silent = false, ...others }: ThreadOptions): Thread {
  const options: WorkerOptions = { ...others, stdin: false, stdout: silent, stderr: silent };
  if (importer.endsWith('.js')) return new Worker(new URL(`./${name}.js`, importer), options);
  // In a checkout the thread's files are TypeScript, and a thread does not take the loader over from the process.
  const loader = import.meta.resolve('tsx/esm/api');
  const file = new URL(`./${name}.ts`, importer).href;
  const start = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(file)}); })`;
  return new Worker(start, { ...options, eval: true, execArgv: [] });
}
