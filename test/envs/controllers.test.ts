import { expect, test } from 'vitest';
import type { Pose, Simulator, SimulatorState } from '../../src/bridge/index.ts';
import { endPositionController } from '../../src/envs/controllers/end-position.ts';
import { facingDown, handYaw, tipDisplacementController } from '../../src/envs/controllers/tip-displacement.ts';
import { stateWith } from './states.ts';

type Command = Parameters<Simulator['step']>[0];

/** A simulator whose tip is at its goal after every step (or stays, if `stuck`), and what it was told. */
function ideal(stuck = false) {
  const commands: Command[] = [];
  let state: SimulatorState = stateWith({ gripper: { position: [0.3, 0, 0.855], orientation: facingDown(0) } });
  const step = async (command: Command): Promise<SimulatorState> => {
    commands.push(command);
    if (command.arm.kind === 'tip_goal' && !stuck) state = { ...state, tip: command.arm.goal };
    return state;
  };
  // The controllers only step it.
  return { simulator: { step } as unknown as Simulator, commands, start: state };
}
const goals = (commands: readonly Command[]) =>
  commands.map(({ arm }) => (arm as { kind: 'tip_goal'; goal: Pose }).goal);

test('end_position goes a fifth of the way a period until less than 5 cm are left, and then one more', async () => {
  const { simulator, commands, start } = ideal();
  const { state } = await endPositionController(0.1).apply(simulator, start, Float32Array.of(0.1, 0, 0.1, 0.1));
  // |Δ| is 20 cm, and 0.8 of that after each period: below 5 cm before the eighth.
  expect(commands).toHaveLength(9);
  const [first] = goals(commands);
  expect(first?.position).toEqual([0.32, 0, 0.878 + 0.02].map(x => expect.closeTo(x, 6)));
  // A number of 0.1 turns by 0.5 rad.
  expect(handYaw(first?.orientation ?? facingDown(0))).toBeCloseTo(0.5, 6);
  expect(state.tip.position[0]).toBeCloseTo(0.3 + 0.1 * (1 - 0.8 ** 8), 6);
});

test('end_position gives up after 20 periods, and one more', async () => {
  const { simulator, commands, start } = ideal(true);
  await endPositionController(0.1).apply(simulator, start, Float32Array.of(0.1, 0, 0, 0));
  expect(commands).toHaveLength(21);
});

test.each([
  ['x', [0.29, 0, 0], [0.31, 0, 0]],
  ['−x', [-0.34, 0, 0], [-0.36, 0, 0]],
  ['y', [0, 0.59, 0], [0, 0.61, 0]],
  ['−y', [0, -0.44, 0], [0, -0.46, 0]],
  ['−z', [0, 0, -0.15], [0, 0, -0.16]],
] as const)(
  'end_position stays where it is for one period instead of leaving the work space along %s',
  async (_, inside, outside) => {
    const act = async (action: readonly number[]) => {
      const { simulator, commands, start } = ideal();
      await endPositionController(1).apply(simulator, start, Float32Array.of(...action, 0));
      return commands;
    };
    expect((await act(inside)).length).toBeGreaterThan(1);
    const refused = await act(outside);
    expect(refused).toHaveLength(1);
    expect(goals(refused)[0]).toEqual(ideal().start.tip);
  },
);

test('tip displacement asks for the pose plus the displacement, and closes or opens the gripper at 0.25 m/s', async () => {
  const controller = tipDisplacementController({ displacement: 0.03, rotation: 0.3, gripper: true });
  const { simulator, commands, start } = ideal();
  await controller.apply(simulator, start, Float32Array.of(0.01, -0.02, 0.03, 0.2, -0.1));
  await controller.apply(simulator, start, Float32Array.of(0, 0, 0, 0, 0));
  const [goal] = goals(commands);
  expect(goal?.position).toEqual([0.31, -0.02, 0.908].map(x => expect.closeTo(x, 6)));
  expect(handYaw(goal?.orientation ?? facingDown(0))).toBeCloseTo(0.2, 6);
  expect(commands.map(({ gripperVelocity }) => gripperVelocity)).toEqual([-0.25, 0.25]);
});
