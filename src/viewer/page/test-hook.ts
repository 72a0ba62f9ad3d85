import { Vector3 } from 'three';
import type { EpisodeStatus } from '../protocol.ts';
import type { SceneView } from './scene/view.ts';
import type { TrainingView } from './training/view.ts';

export interface Parts {
  readonly view: SceneView;
  readonly training: TrainingView;
  status(): EpisodeStatus | null;
}

/** What end-to-end tests ask the page: where things are in the picture, and what was drawn. */
export interface PageProbe {
  drawn(): number;
  frame(): { time: number; episode: number; poses: number[]; contacts: number } | null;
  /** Where a body is shown, m. */
  position(body: string): number[] | null;
  /** Where a point of the world is in the picture, CSS pixels. */
  project(point: readonly [number, number, number]): { x: number; y: number };
  camera(): { position: number[]; target: number[]; fieldOfView: number };
  status(): EpisodeStatus | null;
  training: TrainingView;
  view: SceneView;
}

export function exposeForTests({ view, training, status }: Parts): void {
  const probe: PageProbe = {
    drawn: () => view.drawn,
    frame: () =>
      view.frame && {
        time: view.frame.time,
        episode: view.frame.episode,
        poses: [...view.frame.poses],
        contacts: view.frame.contacts.length / 6,
      },
    position: body => view.model?.positionOf(body)?.toArray() ?? null,
    project: point => view.stage.project(new Vector3(...point)),
    camera: () => ({
      position: view.stage.camera.position.toArray(),
      target: view.stage.controls.target.toArray(),
      fieldOfView: view.stage.camera.fov,
    }),
    status,
    training,
    view,
  };
  Object.assign(window, { graspbridge: probe });
}
