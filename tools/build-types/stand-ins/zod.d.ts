/** A schema of zod: the part that checks. */
export interface ZodType {
  safeParse(value: unknown): { success: boolean; data?: unknown; error?: unknown };
}
