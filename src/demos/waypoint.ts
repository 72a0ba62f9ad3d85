import type { SimulatorState, Vector3 } from '../bridge/index.ts';
import { type Block, handYaw, padsDistance, yawError } from '../envs/index.ts';

/** The pads' middle from the tip along the fingers, m. */
export const PADS_FROM_TIP = 0.103;
/** Half of the way between the open pads, and half of a pad's width across it, m. */
const OPEN_PADS = { gap: 0.04, width: 0.0202 } as const;
/** Half of a pad's length along the fingers, m. */
const HALF_PAD = 0.018;
/**
 * Free space wanted between a pad and the block sideways before coming down, and while coming down, m. The second is
 * less, so that the hand does not hover at the edge of the first, up and down.
 */
const SIDE_MARGIN = { above: 0.006, descending: 0.001 } as const;
/**
 * Free space wanted between the pads and the block's top while travelling, and where the hand waits over the block, m.
 * The second is just above where a gripper that closes by itself would, so that the next step comes in low enough.
 */
const TOP_MARGIN = { travelling: 0.015, waiting: 0.006 } as const;
/** Nearer than this sideways the hand may wait lower, m. */
const NEAR = 0.03;
/** The pads may be this far off the block's middle across the fingers' direction, m: most of a pad still faces it. */
const ACROSS = 0.015;
/** The pads are where they should be with their middle this far above the block's, m: clear of the table. */
const GRASP_HEIGHT = 0.003;

/** Height of the pads' middle over the block's with this much space between the pads and its top, m. */
function heightOver(block: Block, space: number): number {
  return block.size[2] / 2 + HALF_PAD + space;
}

/**
 * Whether the open hand could come straight down over the block as it stands now, pads left and right of it.
 *
 * A rectangle turned by ψ from the fingers reaches, on the strip that the pads (half width w) can touch,
 * a / cos ψ + w tan ψ from its middle, where a is half of its side between the pads.
 */
export function fitsBetweenPads(state: SimulatorState, block: Block): boolean {
  const turn = Math.abs(yawError(state, block));
  const yaw = handYaw(state.tip.orientation);
  const dx = state.target.position[0] - state.padsCenter[0];
  const dy = state.target.position[1] - state.padsCenter[1];
  const along = Math.abs(Math.cos(yaw) * dx + Math.sin(yaw) * dy);
  const across = Math.abs(Math.cos(yaw) * dy - Math.sin(yaw) * dx);
  const reach = block.size[0] / 2 / Math.cos(turn) + OPEN_PADS.width * Math.tan(turn);
  const descending = state.padsCenter[2] - state.target.position[2] < heightOver(block, TOP_MARGIN.waiting) - 0.003;
  const margin = descending ? SIDE_MARGIN.descending : SIDE_MARGIN.above;
  return across < ACROSS && along + reach < OPEN_PADS.gap - margin;
}

/**
 * Where the middle of the pads should go next (m, world frame), the hand facing down: over the block, at a height that
 * clears its top, until the open hand fits over it; then straight down.
 */
export function waypoint(state: SimulatorState, block: Block): Vector3 {
  const [x, y, z] = state.target.position;
  const [px, py, pz] = state.padsCenter;
  if (Math.hypot(px - x, py - y) > NEAR) return [x, y, z + heightOver(block, TOP_MARGIN.travelling)];
  const waiting = heightOver(block, TOP_MARGIN.waiting);
  const low = pz - z < waiting + 0.002;
  return [x, y, z + (low && fitsBetweenPads(state, block) ? GRASP_HEIGHT : waiting)];
}

/** Whether the pads are so close around the block that closing them holds it. */
export function readyToClose(state: SimulatorState): boolean {
  return padsDistance(state) < 0.015;
}
