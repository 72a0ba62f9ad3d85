import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newKeys, readKeys, writeNewKeys } from '../../../src/training/bus/index.ts';
import { z85 } from '../../../src/training/bus/zap.ts';
import { temporaryFolder } from '../run-files.ts';

test('keys written are read again, each by its own side only, and are nobody else’s to read', () => {
  const paths = writeNewKeys(join(temporaryFolder(), 'keys'));
  const learner = readKeys(paths.learner, 'learner');
  const worker = readKeys(paths.worker, 'worker');
  expect(learner.peerPublicKey).toBe(worker.publicKey);
  expect(worker.peerPublicKey).toBe(learner.publicKey);
  expect(learner.secret).toBe(worker.secret);
  expect(readFileSync(paths.worker, 'utf8')).not.toContain(learner.secretKey);
  expect(statSync(paths.learner).mode & 0o777).toBe(0o600);
  expect(() => readKeys(paths.worker, 'learner')).toThrow("holds the worker's keys, but this is the learner");
});

test('keys are never overwritten', () => {
  const folder = temporaryFolder();
  const before = readFileSync(writeNewKeys(folder).learner, 'utf8');
  expect(() => writeNewKeys(folder)).toThrow('never overwritten');
  expect(readFileSync(join(folder, 'learner.keys.json'), 'utf8')).toBe(before);
});

test('a file that others may read, that is none, or that is not there is refused', () => {
  const folder = temporaryFolder();
  const { learner } = writeNewKeys(folder);
  chmodSync(learner, 0o640);
  expect(() => readKeys(learner, 'learner')).toThrow(`chmod 600 ${learner}`);
  const other = join(folder, 'other.json');
  writeFileSync(other, JSON.stringify({ ...newKeys().learner, publicKey: 'short' }), { mode: 0o600 });
  expect(() => readKeys(other, 'learner')).toThrow('holds no keys of graspbridge');
  expect(() => readKeys(join(folder, 'none.json'), 'learner')).toThrow('graspbridge keys new');
});

test('Z85 is that of its specification', () => {
  // ZeroMQ RFC 32, "Test case".
  expect(z85(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))).toBe('HelloWorld');
});
