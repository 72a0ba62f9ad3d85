import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The environments that test/fixtures/demos/make-venvs.sh makes. */
const FOLDER = resolve(import.meta.dirname, '../../node_modules/.cache/python');

export interface Python {
  readonly numpy: string;
  /** Runs a script; its standard output. */
  run(script: string, ...args: string[]): string;
}

/** A real Python that can import these modules; null, said aloud, where there is none. */
export function findPython(environment: 'numpy1' | 'numpy2', modules: readonly string[]): Python | null {
  const program = join(FOLDER, environment, 'bin', 'python');
  const imports = modules.map(name => `import ${name}`).join('; ');
  try {
    if (!existsSync(program)) throw new Error(`there is no ${program}`);
    const numpy = execFileSync(program, ['-c', `${imports}; print(numpy.__version__)`], { encoding: 'utf8' }).trim();
    return {
      numpy,
      run: (script, ...args) => execFileSync(program, ['-W', 'error', '-c', script, ...args], { encoding: 'utf8' }),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : error;
    console.warn(
      `Tests with real Python (${environment}) are skipped: ${reason}. Run test/fixtures/demos/make-venvs.sh to have them.`,
    );
    return null;
  }
}
