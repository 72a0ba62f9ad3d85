export { formatGreeting, parseGreeting } from './greeting.ts';
export { LaneClient } from './lane-client.ts';
export { type LaneConfig, type LaneObjects, laneScript, readLaneScript } from './lane-script.ts';
export {
  type LaneGreeting,
  type LaneState,
  laneVersion,
  packRefusal,
  packState,
  replyStatus,
  requestKinds,
  stateLength,
  toBytes,
  toDoubles,
  unpackState,
} from './messages.ts';
export { type LaneRequest, packHello, packRequest, unpackRequest } from './requests.ts';
