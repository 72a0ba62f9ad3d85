export type { BatchCall, BatchResult } from './batch.ts';
export { batchScript, isBatchScript } from './batch-script.ts';
export type { RemoteCallback } from './callbacks.ts';
export { type CallOptions, connectRemoteApi, RemoteApiClient, type SteppingScope } from './client.ts';
export {
  CborFloat,
  type DecodeLimits,
  decodeMessage,
  defaultLimits,
  type EncodeOptions,
  encodeMessage,
} from './codec.ts';
export { RemoteApiClosedError, RemoteApiError, type RemoteApiFailure } from './errors.ts';
export { type RemoteFunction, type UntypedModule, unwrap } from './modules.ts';
export type { RemoteApiOptions } from './options.ts';
export type {
  Color as SimColor,
  Handle as SimHandle,
  Picture as SimPicture,
  ProximityReading,
  Sim,
  SimMatrix,
  SimPose,
} from './sim.ts';
export type { SimConstants } from './sim-constants.ts';
export { type ExchangeOptions, RequestTransport, type TransportOptions } from './transport.ts';
