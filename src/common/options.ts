import type * as z from 'zod';
import { UsageError } from './errors.ts';
import { suggestion } from './near-match.ts';

/**
 * Checks options once, at the edge, against a strict zod object.
 *
 * @param what names the options in the error: `SawyerGrasp-v1`, `SAC`.
 * @returns the options with defaults filled in.
 * @throws UsageError naming every wrong option and value, and the near match of an unknown one.
 */
export function parseOptions<Schema extends z.ZodObject>(
  schema: Schema,
  given: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  const known = Object.keys(schema.shape);
  const complaints = result.error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key => `"${key}" is not an option of ${what}.${suggestion(key, known)}`);
    const path = issue.path.join('.') || 'options';
    const value = issue.path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
      given,
    );
    const shown = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
    const hint =
      issue.code === 'invalid_value'
        ? suggestion(String(value), issue.values.map(String))
        : ` ${issue.message.replace(/^Invalid input: /, '').replace(/\.?$/, '.')}`;
    return [`Option "${path}" of ${what} cannot be ${shown}.${hint}`];
  });
  throw new UsageError(complaints.join('\n'));
}
