/** Node's `EventEmitter`: the part for listening. */
export declare class EventEmitter<EventMap extends { [Name in keyof EventMap]: unknown[] }> {
  on<Name extends keyof EventMap>(name: Name, listener: (...values: EventMap[Name]) => void): this;
  once<Name extends keyof EventMap>(name: Name, listener: (...values: EventMap[Name]) => void): this;
  off<Name extends keyof EventMap>(name: Name, listener: (...values: EventMap[Name]) => void): this;
}
