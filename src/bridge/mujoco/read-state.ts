import type { Vector3 } from '../../common/rotations.ts';
import type { ForwardKinematics } from '../arm/chain.ts';
import { coneSeesBox, gripperProximity } from '../proximity.ts';
import type { Contacts, SimulatorState } from '../simulator.ts';
import type { DataViews } from './data-views.ts';
import type { SceneLayout } from './layout.ts';

/** A pad presses on something with more than this, N. */
const contactThreshold = 0.5;

/**
 * The state as of the last integration.
 *
 * Tip, gripper and pads come from our own forward kinematics at the present joint angles: MuJoCo's body poses are those
 * before its last integration. So are its contact sensors; 5 ms late, which is documented and costs nothing.
 */
export function readState(
  layout: SceneLayout,
  views: DataViews,
  kinematics: ForwardKinematics,
  time: number,
): SimulatorState {
  const positions = views.positions;
  const { arm, target: at } = layout;
  const jointPositions = positions.slice(arm.position, arm.position + 7);
  kinematics.update(jointPositions);
  const tip = kinematics.tipPose();
  const left = positions[layout.leftFinger] as number;
  const right = positions[layout.rightFinger] as number;
  const target = {
    position: [positions[at] as number, positions[at + 1] as number, positions[at + 2] as number],
    orientation: [
      positions[at + 4] as number,
      positions[at + 5] as number,
      positions[at + 6] as number,
      positions[at + 3] as number,
    ],
  } as const;
  const { rotation } = kinematics;
  const along: Vector3 = [rotation[2] as number, rotation[5] as number, rotation[8] as number];
  return {
    time,
    jointPositions,
    jointVelocities: views.velocities.slice(arm.velocity, arm.velocity + 7),
    tip,
    gripper: { position: kinematics.fromTip(...layout.gripper), orientation: tip.orientation },
    padsCenter: kinematics.fromTip((left - right) / 2, layout.pads[1], layout.pads[2]),
    gripperOpening: Math.max(0, left + right),
    target,
    contacts: readContacts(layout, views.sensors),
    targetDetected: coneSeesBox(
      kinematics.fromTip(...layout.proximity),
      along,
      gripperProximity,
      target.position,
      target.orientation,
      layout.targetHalfExtents,
    ),
  };
}

function readContacts({ sensors }: SceneLayout, data: Float64Array): Contacts {
  const pressed = (at: number) =>
    (data[at] as number) > 0 &&
    Math.hypot(data[at + 1] as number, data[at + 2] as number, data[at + 3] as number) > contactThreshold;
  return {
    leftPadTarget: pressed(sensors.leftPadTarget),
    rightPadTarget: pressed(sensors.rightPadTarget),
    leftPadTable: pressed(sensors.leftPadTable),
    rightPadTable: pressed(sensors.rightPadTable),
  };
}
