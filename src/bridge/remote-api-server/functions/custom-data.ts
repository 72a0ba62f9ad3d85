import { carrierOf } from './carriers.ts';
import type { RemoteFunctions } from './function.ts';

/** Data that one call writes as text and another as bytes is the same, as Lua's strings are. */
const block = {
  'sim.writeCustomDataBlock': (args, context) => {
    const carrier = carrierOf(args, context);
    const given = args.raw(2);
    const data = typeof given === 'string' ? given : args.bytes(2);
    if (data.length === 0) context.stores.delete(carrier, `data ${args.text(1)}`);
    else context.stores.set(carrier, `data ${args.text(1)}`, data);
    return [1];
  },
  /** As it was written: text or bytes; an empty text for what is not there. */
  'sim.readCustomDataBlock': (args, context) => [
    context.stores.get(carrierOf(args, context), `data ${args.text(1)}`) ?? '',
  ],
} satisfies RemoteFunctions;

/** Data that clients leave on objects and on the scene. */
export const customDataFunctions: RemoteFunctions = {
  ...block,
  'sim.writeCustomBufferData': block['sim.writeCustomDataBlock'],
  'sim.readCustomBufferData': block['sim.readCustomDataBlock'],
  'sim.writeCustomStringData': (args, context) => {
    args.text(2);
    block['sim.writeCustomDataBlock'](args, context);
    return [];
  },
  'sim.readCustomStringData': block['sim.readCustomDataBlock'],
};
