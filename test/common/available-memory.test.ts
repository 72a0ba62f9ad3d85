import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { availableMemory } from '../../src/common/available-memory.ts';

/** What Linux would tell, by file. */
function linux(files: Readonly<Record<string, string>>): number {
  const root = mkdtempSync(join(tmpdir(), 'graspbridge-memory-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return availableMemory({ root, platform: 'linux' });
}

const MEMINFO = { 'proc/meminfo': 'MemTotal: 2000 kB\nMemFree: 10 kB\nMemAvailable:    1000 kB\n' };

test('availableMemory is what the system calls available if there is no limit', () => {
  expect(linux(MEMINFO)).toBe(1000 * 1024);
  expect(linux({ ...MEMINFO, 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/memory.max': 'max\n' })).toBe(1000 * 1024);
  expect(availableMemory()).toBeGreaterThan(0);
});

test('availableMemory is what the tightest control group leaves, its unused files included', () => {
  const groups = {
    'proc/self/cgroup': '0::/outer/inner\n',
    'sys/fs/cgroup/outer/memory.max': '50000\n',
    'sys/fs/cgroup/outer/memory.current': '40000\n',
    'sys/fs/cgroup/outer/memory.stat': 'anon 1\ninactive_file 5000\n',
    'sys/fs/cgroup/outer/inner/memory.max': '40000\n',
    'sys/fs/cgroup/outer/inner/memory.current': '1000\n',
  };
  expect(linux({ ...MEMINFO, ...groups })).toBe(15_000);
});

test('availableMemory reads control groups of version 1', () => {
  const groups = {
    'proc/self/cgroup': '5:cpu,cpuacct:/\n4:memory:/docker/abc\n',
    // In a container the group is mounted at the root.
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '30000\n',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '10000\n',
    'sys/fs/cgroup/memory/memory.stat': 'total_inactive_file 100\n',
  };
  expect(linux({ ...MEMINFO, ...groups })).toBe(20_100);
  const none = { ...groups, 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' };
  expect(linux({ ...MEMINFO, ...none })).toBe(1000 * 1024);
});
