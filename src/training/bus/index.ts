export { type BusAddress, LOCAL_ADDRESS, parseAddress } from './address.ts';
export { decodeState, encodeEnvelope, encodeState, floatsOf, type Received } from './codec.ts';
export {
  BusAddressError,
  BusKeysError,
  LearnerLostError,
  MessageRefused,
  type RefusalReason,
  WorkerRefusedError,
} from './errors.ts';
export { type BusKeys, newKeys, readKeys, writeNewKeys } from './keys.ts';
export { LearnerSocket } from './learner-socket.ts';
export {
  type Ack,
  type Beat,
  type Column,
  type DownMessage,
  type Experience,
  type Hello,
  type Job,
  LIMITS,
  PROTOCOL,
  type UpMessage,
  type WeightsMessage,
  type Welcome,
} from './messages.ts';
export { Refusals } from './refusals.ts';
export { WorkerSocket } from './worker-socket.ts';
