import type { ReplayBuffer, Transition, TransitionBatch } from '../../agents/index.ts';
import { UsageError } from '../../common/errors.ts';
import type { Random } from '../../common/random.ts';
import type { Box, Env } from '../../envs/index.ts';
import { type DemoMode, MOST_APPENDED } from './options.ts';
import type { TransitionReservoir } from './reservoir.ts';
import type { DemonstratedStarts, DemonstratedState } from './starts.ts';

/** Demonstrations that are sampled alike, and how often compared to others. */
export interface DemonstrationGroup {
  /** Of what is sampled; all shares add up to 1. */
  readonly share: number;
  readonly transitions: TransitionReservoir;
  readonly starts: DemonstratedStarts;
}

/** Updates of a policy that clones behaviour, as `Policy.learnOnBatch`. */
export type CloneOnBatch = (batch: TransitionBatch) => Promise<Readonly<Record<string, number>>>;

/** Loaded demonstrations, and how they enter batches and episodes. What is drawn depends on the given generators alone. */
export class Demonstrations {
  readonly mode: DemoMode;
  readonly groups: readonly DemonstrationGroup[];
  /** Share of the episodes that start in demonstrated states. */
  readonly resets: number;
  /** Behaviour cloning before the first episode: updates. */
  readonly pretrain: number;
  /** What was loaded, for people. */
  readonly description: string;
  /** What is odd about it, for people. */
  readonly warnings: readonly string[];

  constructor(parts: Pick<Demonstrations, 'mode' | 'groups' | 'resets' | 'pretrain' | 'description' | 'warnings'>) {
    this.mode = parts.mode;
    this.groups = parts.groups;
    this.resets = parts.resets;
    this.pretrain = parts.pretrain;
    this.description = parts.description;
    this.warnings = parts.warnings;
  }

  /** Transitions held. */
  get size(): number {
    return this.groups.reduce((sum, { transitions }) => sum + transitions.size, 0);
  }

  get bytes(): number {
    return this.groups.reduce((sum, { transitions }) => sum + transitions.bytes, 0);
  }

  /** Rows that a batch has for demonstrations beside those asked for. Throws UsageError where they would be too many. */
  get appendedRows(): number {
    if (this.mode !== 'original') return 0;
    if (this.size > MOST_APPENDED)
      throw new UsageError(
        `The demonstration mode "original" appends all transitions to every batch, at most ${MOST_APPENDED}; here are ${this.size}. Use "mix", or fewer of them.`,
      );
    return this.size;
  }

  /** Fills a new replay buffer with them, in the mode `preload`. */
  preload(replay: Pick<ReplayBuffer, 'add'>, sizes: { readonly observationSize: number; readonly actionSize: number }) {
    if (this.mode !== 'preload') return;
    const row = oneRow(sizes);
    const transition: Transition = {
      observation: row.observations,
      action: row.actions,
      get reward() {
        return row.rewards[0] as number;
      },
      nextObservation: row.nextObservations,
      get discount() {
        return row.discounts[0] as number;
      },
    };
    for (const { transitions } of this.groups)
      for (let i = 0; i < transitions.size; i++) {
        transitions.copyTo(i, row, 0);
        replay.add(transition);
      }
  }

  /** Fills a batch: from the replay buffer, and from demonstrations as the mode says. */
  fill(batch: TransitionBatch, replay: ReplayBuffer, random: Random): void {
    const rows = this.mode === 'mix' ? batch.size >> 1 : this.appendedRows;
    replay.sampleInto(batch, random, 0, batch.size - rows);
    if (this.mode === 'mix') this.sampleInto(batch, random, batch.size - rows);
    else if (this.mode === 'original') this.appendTo(batch, batch.size - rows);
  }

  /** Draws rows `first` … of a batch: a group by its share, then one of its transitions uniformly. */
  sampleInto(batch: TransitionBatch, random: Random, first = 0): void {
    for (let row = first; row < batch.size; row++) {
      const { transitions } = this.draw(random);
      transitions.copyTo(random.integer(transitions.size), batch, row);
    }
  }

  /** Clones the demonstrated behaviour, as many updates as were asked for. `onUpdate` sees what each reports. */
  async clone(
    policy: { readonly batch: TransitionBatch; readonly cloneOnBatch?: CloneOnBatch },
    random: Random,
    onUpdate: (metrics: Readonly<Record<string, number>>) => void,
  ): Promise<void> {
    for (let update = 0; update < this.pretrain; update++) {
      this.sampleInto(policy.batch, random);
      // Whoever made the two made sure that it can.
      onUpdate((await policy.cloneOnBatch?.(policy.batch)) ?? {});
    }
  }

  /** Starts an episode in a demonstrated state, as often as asked for; null where this one starts as any other. */
  async reset(env: Env<Box, Box>, random: Random): Promise<DemonstratedState | null> {
    if (this.resets === 0 || random.uniform() >= this.resets) return null;
    return this.draw(random, ({ starts }) => starts.size > 0).starts.resetTo(env, random);
  }

  /** A group by its share, among those that are fit. */
  private draw(random: Random, fit: (group: DemonstrationGroup) => boolean = () => true): DemonstrationGroup {
    const [only] = this.groups;
    // The usual case draws nothing.
    if (this.groups.length === 1 && only !== undefined) return only;
    const groups = this.groups.filter(fit);
    let left = random.uniform() * groups.reduce((sum, { share }) => sum + share, 0);
    for (const group of groups) {
      left -= group.share;
      if (left < 0) return group;
    }
    return groups.at(-1) as DemonstrationGroup; // A rounding error was left.
  }

  private appendTo(batch: TransitionBatch, first: number): void {
    let row = first;
    for (const { transitions } of this.groups)
      for (let i = 0; i < transitions.size; i++) transitions.copyTo(i, batch, row++);
  }
}

function oneRow({ observationSize, actionSize }: { readonly observationSize: number; readonly actionSize: number }) {
  return {
    size: 1,
    observations: new Float32Array(observationSize),
    actions: new Float32Array(actionSize),
    rewards: new Float32Array(1),
    nextObservations: new Float32Array(observationSize),
    discounts: new Float32Array(1),
  } satisfies TransitionBatch;
}
