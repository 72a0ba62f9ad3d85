/** Node's `EventEmitter`: the part for listening. */
export declare class EventEmitter<Events extends { [Name in keyof Events]: unknown[] }> {
  on<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => void): this;
  once<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => void): this;
  off<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => void): this;
}
