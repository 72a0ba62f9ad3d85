import { expect, test } from 'vitest';
import { BusAddressError, parseAddress } from '../../../src/training/bus/index.ts';

test.each(['tcp://127.0.0.1:5555', 'tcp://127.8.8.8:*', 'tcp://localhost:1', 'tcp://[::1]:5555', 'ipc://bus.sock'])(
  '%s is this machine alone, and needs no keys',
  address => {
    expect(parseAddress(address, 'listening', false).local).toBe(true);
  },
);

test.each(['tcp://0.0.0.0:5555', 'tcp://*:5555', 'tcp://192.168.1.2:5555', 'tcp://learner.lab:5555', 'tcp://[::]:5'])(
  'listening on %s without keys is refused, and with keys it is not',
  address => {
    expect(() => parseAddress(address, 'listening', false)).toThrow(/unprotected.*graspbridge keys new/s);
    expect(parseAddress(address, 'listening', true).local).toBe(false);
  },
);

test('a name that only begins like this machine is another one', () => {
  expect(() => parseAddress('tcp://127.0.0.1.evil.org:5555', 'connecting', false)).toThrow(BusAddressError);
  expect(() => parseAddress('tcp://localhost.evil.org:5555', 'connecting', false)).toThrow(BusAddressError);
});

test.each(['5555', 'http://127.0.0.1:5', 'tcp://127.0.0.1', 'tcp://127.0.0.1:99999', 'tcp://a b:1', 'ipc://', ''])(
  '"%s" is no address',
  address => {
    expect(() => parseAddress(address, 'listening', true)).toThrow('It looks like tcp://127.0.0.1:5555');
  },
);

test('what is connected to has a host and a port', () => {
  expect(() => parseAddress('tcp://127.0.0.1:*', 'connecting', false)).toThrow("needs the learner's host and port");
});
