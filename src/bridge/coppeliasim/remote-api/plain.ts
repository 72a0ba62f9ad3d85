/**
 * What a decoded map inherits from: nothing, so that `__proto__` and `constructor` are keys like any other.
 *
 * Not null itself: objects without a prototype are kept in hash tables from the start, and filling one takes longer than
 * decoding the rest of a usual reply.
 */
const nothing: object = Object.freeze(Object.create(null));

/** An empty map to be filled. */
export function emptyRecord(): Record<string, unknown> {
  return Object.create(nothing);
}

/** Whether an object is a map of values, and no instance of a class. */
export function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === nothing || prototype === Object.prototype;
}
