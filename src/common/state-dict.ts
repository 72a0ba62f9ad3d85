/** A leaf of a {@link StateDict}: a JSON scalar or a typed array. */
export type StateLeaf =
  | null
  | boolean
  | number
  | string
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint8Array;

/** What an object needs to go on exactly where it was: plain data, saved in a checkpoint and read back from it. */
export type StateDict = { readonly [key: string]: StateValue };

export type StateValue = StateLeaf | StateDict | readonly StateValue[];
