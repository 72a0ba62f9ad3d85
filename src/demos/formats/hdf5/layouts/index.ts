import type { File } from 'h5wasm/node';
import { DemonstrationFileError, shown } from '../../../errors.ts';
import { d4rlLayout } from './d4rl.ts';
import { episodeGroupsLayout } from './episode-groups.ts';
import type { Layout } from './layout.ts';
import { robomimicLayout } from './robomimic.ts';

export type { Layout } from './layout.ts';

/** The layout of an open file. Throws DemonstrationFileError for one that is not read, naming what it has. */
export function findLayout(file: File): Layout {
  const layout = robomimicLayout(file) ?? episodeGroupsLayout(file) ?? d4rlLayout(file);
  if (layout !== null) return layout;
  const top = file.keys();
  const names = top.slice(0, 10).map(name => shown(name, 40));
  throw new DemonstrationFileError(
    `it is in no layout that is read: robomimic (data/demo_N), Minari (episode_N), ManiSkill (traj_N) or D4RL (observations, actions, rewards, terminals). It has ${
      names.length === 0 ? 'nothing' : names.join(', ')
    }${top.length > names.length ? ' …' : ''}`,
  );
}
