import { UsageError } from '../../../common/errors.ts';
import { MessageError } from '../../errors.ts';
import { batchScript } from './batch-script.ts';
import { parseFailure, RemoteApiError } from './errors.ts';
import { asList } from './protocol.ts';

/** One call of a batch: a function's name, then its arguments. */
export type BatchCall = readonly [func: string, ...args: unknown[]];

export type BatchResult =
  | { readonly ok: true; readonly values: readonly unknown[] }
  | { readonly ok: false; readonly error: RemoteApiError };

/** How the batch reaches the simulator: a plain call, waiting as long as the caller of the batch allows. */
export type Caller = (func: string, args: readonly unknown[]) => Promise<readonly unknown[]>;

/** `sim.scripttype_customization`: a script that is there whether the simulation runs or not. */
const CUSTOMIZATION_SCRIPT = 6;

/** These belong to the client that asks, or wait for the simulation to move; a script can do neither. */
const NOT_IN_SCRIPTS = new Set(
  ['setStepping', 'step', 'acquireLock', 'releaseLock', 'yield', 'switchThread', 'wait'].map(name => `sim.${name}`),
);

/** Many calls in one exchange, through a script of ours that is put into the scene when first needed. */
export class BatchRunner {
  private script: number | undefined;

  /**
   * @throws RemoteApiError where the script itself cannot be run; MessageError where its answer makes no sense;
   * UsageError for a call that only a client can make.
   */
  async run(call: Caller, calls: readonly BatchCall[]): Promise<BatchResult[]> {
    if (calls.length === 0) return [];
    const entries = calls.map(toEntry);
    const [answer] = await this.callScript(call, entries);
    const results = asList(answer);
    if (results.length !== calls.length)
      throw new MessageError(
        `Calling a batch failed: ${calls.length} calls were made and ${results.length} results came back.`,
      );
    return results.map((result, i) => toResult(result, calls[i] as BatchCall)); // As many as calls.
  }

  /** Takes the script out of the scene again. */
  async remove(call: Caller): Promise<void> {
    const { script } = this;
    this.script = undefined;
    if (script !== undefined) await call('sim.removeObjects', [[script]]);
  }

  private async callScript(call: Caller, entries: readonly unknown[]): Promise<readonly unknown[]> {
    if (this.script !== undefined) {
      try {
        return await call('sim.callScriptFunction', ['batch', this.script, entries]);
      } catch (error) {
        // With another scene the script is gone, and nothing has been called. What fails inside it is no reason to repeat.
        if (!(error instanceof RemoteApiError) || /error in script function/i.test(error.reason)) throw error;
        this.script = undefined;
      }
    }
    const [script] = await call('sim.createScript', [CUSTOMIZATION_SCRIPT, batchScript(), 0, 'lua']);
    if (typeof script !== 'number')
      throw new MessageError(`Preparing batches failed: the script's handle is a ${typeof script}, not a number.`);
    await call('sim.initScript', [script]);
    this.script = script;
    return await call('sim.callScriptFunction', ['batch', script, entries]);
  }
}

function toEntry([func, ...args]: BatchCall): unknown[] {
  if (NOT_IN_SCRIPTS.has(func))
    throw new UsageError(`Calling a batch failed: ${func} concerns the client itself. Call it outside the batch.`);
  if (args.some(arg => typeof arg === 'function'))
    throw new UsageError(`Calling a batch failed: ${func} is given a function. Call it outside the batch.`);
  return [func, args.length, args];
}

function toResult(result: unknown, [func, ...args]: BatchCall): BatchResult {
  const [ok, count, ...values] = asList(result);
  if (ok === true && typeof count === 'number' && count >= values.length && count < 10_000) {
    // Nils at the end do not travel.
    while (values.length < count) values.push(null);
    return { ok, values };
  }
  if (ok === false && typeof count === 'string')
    return { ok, error: new RemoteApiError(func, args, parseFailure(count, func)) };
  throw new MessageError(`Calling a batch failed: the result of ${func} is neither values nor an error.`);
}
