import { readFileSync } from 'node:fs';
import { SceneError } from '../../errors.ts';

/**
 * The helper script by which many calls travel in one exchange.
 *
 * Its function `batch` takes a list of calls, each `[name, number of arguments, arguments]`, and returns a list of
 * results in their order: `[true, number of values, ...values]`, or `[false, message]` where a call failed. A result
 * with nils among its values comes as a map keyed by numbers, as Lua's tables with holes do.
 */
const FILE = new URL('../../../../scenes/remote-api-batch.lua', import.meta.url);

/** First line of the script, by which a server that runs no Lua knows it. */
const MARK = '-- graspbridge remote-api batch 1';

/**
 * The script's text.
 *
 * @throws SceneError where the package's file is missing.
 */
export function batchScript(): string {
  try {
    return readFileSync(FILE, 'utf8');
  } catch (cause) {
    throw new SceneError(`Reading the script for batches failed: ${FILE.pathname} cannot be read. Install anew.`, {
      cause,
    });
  }
}

/** Whether a script's text is that of this version's batch script. */
export function isBatchScript(text: string): boolean {
  return /^([^\r\n]*)/.exec(text)?.[1]?.trimEnd() === MARK;
}
