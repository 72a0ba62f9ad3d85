import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** Where Linux tells of memory, as a file system root; `/` but for tests. */
interface Source {
  readonly root?: string;
  readonly platform?: NodeJS.Platform;
}

/**
 * Memory that processes can still be given, bytes: what is free or only holds caches, and no more than a control group
 * (a container's limit) leaves.
 */
export function availableMemory({ root = '/', platform = process.platform }: Source = {}): number {
  // macOS calls little of its memory free, since caches may have the rest; Windows tells what is available.
  if (platform === 'darwin') return Math.max(freemem(), totalmem() / 2);
  if (platform !== 'linux') return freemem();
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(read(join(root, 'proc/meminfo')))?.[1];
  const free = available === undefined ? freemem() : Number(available) * 1024;
  return Math.max(0, Math.min(free, ...groupsOf(root).flatMap(group => leftIn(group))));
}

interface Group {
  readonly folder: string;
  /** Files of the limit and of what is used. */
  readonly limit: string;
  readonly used: string;
}

/** The control groups that this process is in, with those above them; of both versions. */
function groupsOf(root: string): Group[] {
  return read(join(root, 'proc/self/cgroup'))
    .split('\n')
    .flatMap(line => {
      const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
      if (path === undefined || controllers === undefined) return [];
      const version2 = controllers === '';
      if (!version2 && !controllers.split(',').includes('memory')) return [];
      const base = join(root, version2 ? 'sys/fs/cgroup' : 'sys/fs/cgroup/memory');
      const files = version2
        ? { limit: 'memory.max', used: 'memory.current' }
        : { limit: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes' };
      const groups: Group[] = [{ folder: base, ...files }];
      for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) groups.push({ folder: join(base, at), ...files });
      return groups;
    });
}

/** What a group's limit leaves, in a list; an empty one if it has no limit. */
function leftIn({ folder, limit, used }: Group): number[] {
  const most = Number.parseInt(read(join(folder, limit)), 10);
  const now = Number.parseInt(read(join(folder, used)), 10);
  if (!(most >= 0) || !(now >= 0)) return [];
  // Files that nobody has used lately count as used, and are given up first.
  const cached = /^(?:total_)?inactive_file (\d+)$/m.exec(read(join(folder, 'memory.stat')))?.[1] ?? 0;
  return [most - now + Number(cached)];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
