interface Closable {
  close(): Promise<void>;
}

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

  readonly close = async (): Promise<void> => {
    for (const thing of this.things.splice(0).reverse()) await thing.close();
  };
}
