import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curveKeyPair } from 'zeromq';
import * as z from 'zod';
import { EnvironmentError } from '../../common/errors.ts';
import { checkRegularFile, readTextFile } from '../../common/regular-file.ts';
import { BusKeysError } from './errors.ts';

/** A CURVE key in Z85: 32 bytes as 40 characters. Source: ZeroMQ RFC 32. */
const key = z.string().regex(/^[0-9a-zA-Z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/);

const schema = z.strictObject({
  format: z.literal('graspbridge-keys-1'),
  role: z.enum(['learner', 'worker']),
  publicKey: key,
  secretKey: key,
  peerPublicKey: key,
  /** Said by every worker that joins; CURVE keeps it from everybody else. */
  secret: z.string().min(16).max(128),
});

/** One side's keys: its own pair, and the public key of the only peers it speaks to. */
export type BusKeys = z.output<typeof schema>;

/** Fresh keys for a learner and all its workers. */
export function newKeys(): { readonly learner: BusKeys; readonly worker: BusKeys } {
  const learner = curveKeyPair();
  const worker = curveKeyPair();
  const common = { format: 'graspbridge-keys-1', secret: randomBytes(24).toString('base64url') } as const;
  return {
    learner: { ...common, role: 'learner', ...learner, peerPublicKey: worker.publicKey },
    worker: { ...common, role: 'worker', ...worker, peerPublicKey: learner.publicKey },
  };
}

/**
 * Writes fresh keys as `learner.keys.json` and `worker.keys.json`, for their owner's eyes only. Returns the paths.
 *
 * Throws BusKeysError if there are such files already, since a key overwritten would lock out those who have it; and
 * EnvironmentError if they cannot be written.
 */
export function writeNewKeys(directory: string): { readonly learner: string; readonly worker: string } {
  const keys = newKeys();
  const paths = { learner: join(directory, 'learner.keys.json'), worker: join(directory, 'worker.keys.json') };
  const taken = Object.values(paths).filter(path => existsSync(path));
  if (taken.length > 0)
    throw new BusKeysError(
      `Writing new keys failed: ${taken.join(' and ')} exist, and keys are never overwritten. Name another folder with --out.`,
    );
  const written: string[] = [];
  try {
    mkdirSync(directory, { recursive: true });
    for (const role of ['learner', 'worker'] as const) {
      closeSync(openSync(paths[role], 'wx', 0o600));
      written.push(paths[role]);
      writeFileSync(paths[role], `${JSON.stringify(keys[role], null, 2)}\n`);
    }
    return paths;
  } catch (error) {
    // One side's keys are of no use without the other's.
    for (const path of written) rmSync(path, { force: true });
    throw new EnvironmentError(
      `Writing new keys to ${directory} failed: ${error instanceof Error ? error.message : error}. Nothing was left there; name another folder with --out.`,
      { cause: error },
    );
  }
}

/** Reads one side's keys. Throws BusKeysError where the file is no such file, or others may read it. */
export function readKeys(path: string, role: BusKeys['role']): BusKeys {
  let content: unknown;
  try {
    checkRegularFile(path);
    // Windows has no such permissions.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      throw new BusKeysError(`The keys in ${path} can be read by others. Keep them to yourself: chmod 600 ${path}`);
    content = JSON.parse(readTextFile(path));
  } catch (error) {
    if (error instanceof BusKeysError) throw error;
    throw new BusKeysError(
      `Reading the keys in ${path} failed: ${error instanceof Error ? error.message : error}. Make some with "graspbridge keys new".`,
      { cause: error },
    );
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success)
    throw new BusKeysError(`${path} holds no keys of graspbridge. Make some with "graspbridge keys new".`);
  if (parsed.data.role !== role)
    throw new BusKeysError(
      `${path} holds the ${parsed.data.role}'s keys, but this is the ${role}. Name the other file.`,
    );
  return parsed.data;
}
