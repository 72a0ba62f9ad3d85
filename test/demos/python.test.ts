import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exactly, METADATA, readDemos, sampleEpisodes, temporaryFolder, writeDemos } from './demo-files.ts';
import { findPython } from './python.ts';

/** What Python says of each transition: the arrays' types and bits, the rewards' bits, done. */
const READ_PICKLE = `
import json, pickle, struct, sys
with open(sys.argv[1], 'rb') as file:
    items = pickle.load(file)
assert type(items) is list and all(type(item) is tuple and len(item) == 5 for item in items)
print(json.dumps([
    [s.dtype.str, s.shape[0], s.tobytes().hex(), a.dtype.str, a.tobytes().hex(), struct.pack('<d', r).hex(), n.tobytes().hex(), d]
    for s, a, r, n, d in items
]))
# Ours, whatever their order in memory, may be written to.
items[0][0][0] = 1
`;

const READ_JSON = `
import json, struct, sys
import numpy
with open(sys.argv[1]) as file:
    content = json.load(file)
def rows(values):
    return [numpy.array([float(x) for x in row], numpy.float32) for row in values]
out = []
for episode in content['episodes']:
    states = rows(episode['observations'])
    nexts = rows(episode['nextObservations']) if 'nextObservations' in episode else states[1:] + rows([episode['finalObservation']])
    for i, (s, a, r, n) in enumerate(zip(states, rows(episode['actions']), episode['rewards'], nexts)):
        done = i == len(states) - 1 and episode['end'] == 'terminated'
        out.append(['<f4', s.shape[0], s.tobytes().hex(), '<f4', a.tobytes().hex(), struct.pack('<d', r).hex(), n.tobytes().hex(), done])
print(json.dumps(out))
`;

const READ_HDF5 = `
import json, struct, sys
import h5py
out = []
with h5py.File(sys.argv[1]) as file:
    data = file['data']
    assert data.attrs['total'] == sum(demo.attrs['num_samples'] for demo in data.values())
    assert json.loads(data.attrs['env_args'])['env_name'] == 'SawyerLift-v1'
    for i in range(len(data)):
        demo = data[f'demo_{i}']
        names = ('obs/observation', 'actions', 'rewards', 'next_obs/observation', 'dones')
        for s, a, r, n, d in zip(*(demo[name][:] for name in names)):
            out.append([s.dtype.str, s.shape[0], s.tobytes().hex(), a.dtype.str, a.tobytes().hex(), struct.pack('<d', r).hex(), n.tobytes().hex(), bool(d)])
print(json.dumps(out))
`;

const REWRITE = `
import pickle, sys
with open(sys.argv[1], 'rb') as file:
    items = pickle.load(file)
with open(sys.argv[2], 'wb') as file:
    pickle.dump(items, file, int(sys.argv[3]))
`;

const hex = (array: Float32Array | Float64Array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('hex');

/** What Python should have found. */
function transitions(): unknown[] {
  return sampleEpisodes().flatMap(({ length, observations, actions, rewards, nextObservations, end }) =>
    Array.from({ length }, (_, i) => [
      ...['<f4', 3, hex(observations.subarray(3 * i, 3 * i + 3)), '<f4', hex(actions.subarray(2 * i, 2 * i + 2))],
      ...[hex(rewards.subarray(i, i + 1)), hex(nextObservations.subarray(3 * i, 3 * i + 3))],
      end === 'terminated' && i === length - 1,
    ]),
  );
}

describe.each(['numpy1', 'numpy2'] as const)('real Python with %s', environment => {
  const python = findPython(environment, environment === 'numpy2' ? ['numpy', 'h5py'] : ['numpy']);

  test.skipIf(python === null)('loads our pickle with nothing of ours, and without a warning', async () => {
    const path = await writeDemos(join(temporaryFolder(), 'a.pickle'), sampleEpisodes());
    expect(JSON.parse(python?.run(READ_PICKLE, path) ?? '')).toEqual(transitions());
  });

  test.skipIf(python === null)('reads our JSON', async () => {
    const path = await writeDemos(join(temporaryFolder(), 'a.json'), sampleEpisodes());
    expect(JSON.parse(python?.run(READ_JSON, path) ?? '')).toEqual(transitions());
  });

  test.skipIf(python === null || environment === 'numpy1')('opens our HDF5 with h5py', async () => {
    const path = await writeDemos(join(temporaryFolder(), 'a.hdf5'), sampleEpisodes());
    expect(JSON.parse(python?.run(READ_HDF5, path) ?? '')).toEqual(transitions());
  });

  test.skipIf(python === null).each([2, 3, 4, 5])(
    'writes with protocol %i what we read back bit for bit',
    async protocol => {
      const folder = temporaryFolder();
      const path = await writeDemos(join(folder, 'a.pickle'), sampleEpisodes(), METADATA);
      const again = join(folder, 'b.pickle');
      python?.run(REWRITE, path, again, String(protocol));
      rmSync(path);
      // Beside the pickle that Python wrote anew, ours still says where episodes end.
      copyFileSync(`${path}.json`, `${again}.json`);
      const read = await readDemos(again);
      expect(read.metadata).toEqual(METADATA);
      expect(exactly(read.episodes)).toEqual(exactly(sampleEpisodes()));
    },
  );
});
