import type { File, Group } from 'h5wasm/node';
import { type Demonstration, ENDS, type FileAttributes } from './messages.ts';

/** Observations are one flat array; robomimic wants a name for it. */
const OBSERVATION = 'observation';

/** Writes `data/NAME` in robomimic's layout. */
export function writeDemonstration(file: File, name: string, demonstration: Demonstration): void {
  const group = file.get('data') as Group; // Made when the file was.
  const demo = group.create_group(name);
  const { observations, nextObservations, actions, rewards, ends, end, success, start } = demonstration;
  const length = rewards.length;
  for (const [obs, data] of [
    ['obs', observations],
    ['next_obs', nextObservations],
  ] as const)
    demo.create_group(obs).create_dataset({ name: OBSERVATION, data, shape: [length, data.length / length] });
  demo.create_dataset({ name: 'actions', data: actions, shape: [length, actions.length / length] });
  demo.create_dataset({ name: 'rewards', data: rewards, shape: [length] });
  demo.create_dataset({
    name: 'dones',
    data: BigInt64Array.from(ends, mark => (mark === ENDS.terminated ? 1n : 0n)),
    shape: [length],
  });
  demo.create_attribute('num_samples', BigInt64Array.of(BigInt(length)), [], '<q');
  if (end !== null) demo.create_attribute('end', end);
  if (success !== null) demo.create_attribute('success', String(success));
  if (start !== null) demo.create_attribute('start', JSON.stringify(start));
}

/** Writes what the group `data` says of them all. */
export function writeAttributes(file: File, { environment, metadata, total }: FileAttributes): void {
  const group = file.get('data') as Group; // Made when the file was.
  group.create_attribute('total', BigInt64Array.of(BigInt(total)), [], '<q');
  if (environment !== null) group.create_attribute('env_args', environment);
  if (metadata !== null) group.create_attribute('graspbridge', metadata);
}
