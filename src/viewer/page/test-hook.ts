import { Vector3 } from 'three';
import type { PageProbe } from '../probe.ts';
import type { EpisodeStatus } from '../protocol.ts';
import type { SceneView } from './scene/view.ts';
import type { TrainingView } from './training/view.ts';

export interface Parts {
  readonly view: SceneView;
  readonly training: TrainingView;
  status(): EpisodeStatus | null;
}

/** Puts the probe where end-to-end tests find it. */
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
    project: point => view.stage.project(new Vector3().fromArray([...point])),
    camera: () => ({
      position: view.stage.camera.position.toArray(),
      target: view.stage.controls.target.toArray(),
      fieldOfView: view.stage.camera.fov,
    }),
    status,
    training,
  };
  Object.assign(window, { graspbridge: probe });
}
