/** What is shown at one point of the x axis, by name. */
export type WandbValues = Readonly<Record<string, number>>;

/** Where a run is to appear, and what the thread loads. */
export interface WandbThreadData {
  readonly project: string;
  /** The account or team; the key's own where it is empty. */
  readonly entity: string;
  /** The package: `@wandb/sdk`. */
  readonly module: string;
}

/** What the thread is told. */
export type ToWandbThread =
  | { readonly kind: 'begin'; readonly name: string; readonly config: object }
  | { readonly kind: 'row'; readonly step: number; readonly values: WandbValues }
  | { readonly kind: 'finish'; readonly code: number };

/** What the thread tells: `ready` or `refused` first, `finished` last. */
export type FromWandbThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly lacks: 'package' | 'key'; readonly reason: string }
  | { readonly kind: 'begun'; readonly url: string }
  /** Something was lost on the way there. */
  | { readonly kind: 'problem'; readonly reason: string }
  | { readonly kind: 'finished' };
