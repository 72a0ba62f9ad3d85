import { BusAddressError } from './errors.ts';

/** Where the bus listens by default: this machine only, on a port the system chooses. */
export const LOCAL_ADDRESS = 'tcp://127.0.0.1:*';

export interface BusAddress {
  /** As ZeroMQ takes it. */
  readonly endpoint: string;
  /** Whether only this machine can reach it. */
  readonly local: boolean;
  readonly ipv6: boolean;
}

const TCP = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.*-]+):(\d{1,5}|\*)$/;

/**
 * Reads an address: `tcp://host:port`, where a listener's port may be `*`, or `ipc:///path`.
 *
 * @param what says what the address is for.
 * @param keyed whether there are keys; without them nothing but this machine is spoken to.
 * Throws BusAddressError.
 */
export function parseAddress(text: string, what: 'listening' | 'connecting', keyed: boolean): BusAddress {
  if (text.startsWith('ipc://') && text.length > 'ipc://'.length) return { endpoint: text, local: true, ipv6: false };
  const [, host, port] = TCP.exec(text) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65_535)
    throw new BusAddressError(
      `The address for ${what} cannot be "${text.slice(0, 200)}". It looks like tcp://127.0.0.1:5555, or ipc:///path.`,
    );
  if (what === 'connecting' && (port === '*' || host === '*'))
    throw new BusAddressError(`Connecting to ${text} needs the learner's host and port. Name both.`);
  const bare = host.replace(/^\[|\]$/g, '');
  const local = bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
  if (!local && !keyed)
    throw new BusAddressError(
      `${what === 'listening' ? 'Listening on' : 'Connecting to'} ${text} would send the training over a network unprotected. ` +
        'Make keys with "graspbridge keys new", and give each side its file with --keys; or use a loopback address.',
    );
  // ZeroMQ knows no name for this machine when it binds.
  const named = bare === 'localhost' ? '127.0.0.1' : host;
  return { endpoint: `tcp://${named}:${port}`, local, ipv6: bare.includes(':') };
}
