import { type Closable, closeAll } from '../common/close-all.ts';

/** What a set-up has opened so far, so that it can close all of it, the last first, when it fails or is over. */
export class OpenThings {
  private readonly things: Closable[] = [];

  constructor(...things: Closable[]) {
    this.things.push(...things);
  }

  readonly keep = <T extends Closable>(thing: T): T => {
    this.things.push(thing);
    return thing;
  };

  /** Closes all of them, also after one has failed; then throws that failure. */
  readonly close = (): Promise<void> => closeAll(...this.things.splice(0).reverse());
}
