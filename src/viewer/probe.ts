import type { EpisodeStatus, RunInfo, RunMetrics } from './protocol.ts';

/** What the page tells those who test it: where things are in the picture, and what was drawn. */
export interface PageProbe {
  /** Pictures drawn so far. */
  drawn(): number;
  /** The last pose frame that came. */
  frame(): { time: number; episode: number; poses: number[]; contacts: number } | null;
  /** Where a body is shown, m. */
  position(body: string): number[] | null;
  /** Where a point of the world is in the picture, CSS pixels. */
  project(point: readonly number[]): { x: number; y: number };
  camera(): { position: number[]; target: number[]; fieldOfView: number };
  status(): EpisodeStatus | null;
  readonly training: {
    list(runs: readonly RunInfo[]): void;
    add(metrics: RunMetrics): void;
    /** Environment steps from … to; null shows all. */
    zoom(range: readonly [number, number] | null): void;
    shown(): readonly [number, number];
  };
}
