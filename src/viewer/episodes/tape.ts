import { type Episode, EpisodeBuilder, type Recording, type Step } from '../../demos/index.ts';
import type { RecordingStatus } from '../protocol.ts';

/**
 * Keeps the episode under way until someone saves or discards it.
 *
 * Saved episodes go to a demonstration file with the steps that a person drove marked as interventions.
 */
export class Tape {
  private readonly recording: Pick<Recording, 'append' | 'episodes'>;
  private builder = new EpisodeBuilder();
  private byHand: boolean[] = [];
  private seed = 0;
  private on: boolean;
  /** Whether the episode under way has been kept from its first step. */
  private running = false;
  private outcome: Pick<Episode, 'end' | 'success'> | null = null;

  /** @param on whether it records from the start. */
  constructor(recording: Pick<Recording, 'append' | 'episodes'>, on: boolean) {
    this.recording = recording;
    this.on = on;
  }

  get status(): RecordingStatus {
    return {
      on: this.on,
      steps: this.builder.length,
      driven: this.byHand.filter(Boolean).length,
      saved: this.recording.episodes,
      undecided: this.outcome !== null && this.builder.length > 0,
    };
  }

  /** Switches on from the next episode, or at once where this one has not begun; off at once. */
  switch(on: boolean): void {
    this.on = on;
    if (!on) this.clear();
  }

  begin(seed: number): void {
    this.clear();
    this.seed = seed;
    this.running = this.on;
  }

  /** @param byHand whether a person chose the action. */
  add(step: Step, byHand: boolean): void {
    if (!this.on || !this.running) return;
    this.builder.add(step);
    this.byHand.push(byHand);
  }

  end(outcome: Pick<Episode, 'end' | 'success'>): void {
    if (this.builder.length > 0) this.outcome = outcome;
  }

  /** Writes what was kept; an episode that had not ended is cut short there. Returns whether there was anything. */
  save(): boolean {
    if (this.builder.length === 0) return false;
    const outcome = this.outcome ?? { end: 'truncated', success: false };
    const interventions = spans(this.byHand);
    this.recording.append(this.builder.finish({ ...outcome, start: { seed: this.seed, interventions } }));
    this.clear();
    return true;
  }

  /** Forgets what was kept. Returns whether there was anything. */
  discard(): boolean {
    const any = this.builder.length > 0;
    this.clear();
    return any;
  }

  private clear(): void {
    this.builder = new EpisodeBuilder();
    this.byHand = [];
    this.outcome = null;
    this.running = false;
  }
}

/** The runs of `true`: from each first index up to, and without, the second. */
function spans(flags: readonly boolean[]): [number, number][] {
  const found: [number, number][] = [];
  for (const [i, flag] of flags.entries()) {
    const last = found.at(-1);
    if (!flag) continue;
    if (last?.[1] === i) last[1] = i + 1;
    else found.push([i, i + 1]);
  }
  return found;
}
