import { readFileSync } from 'node:fs';
import { type LuaEngine, LuaFactory } from 'wasmoon';
import { type LaneConfig, laneScript } from '../../../../src/bridge/coppeliasim/fast-lane/index.ts';

const double = readFileSync(new URL('./sim-double.lua', import.meta.url), 'utf8');

export const config: LaneConfig = {
  port: 24_001,
  idleSeconds: 5,
  objects: {
    arm: '/Sawyer',
    joints: [1, 2, 3, 4, 5, 6, 7].map(joint => `/Sawyer/Sawyer_joint${joint}`),
    tip: '/Sawyer/Sawyer_tip',
    gripper: '/Sawyer/BaxterGripper',
    leftFingerJoint: '/Sawyer/BaxterGripper_leftJoint',
    rightFingerJoint: '/Sawyer/BaxterGripper_rightJoint',
    leftPad: '/Sawyer/BaxterGripper_leftPad',
    rightPad: '/Sawyer/BaxterGripper_righPad',
    target: '/target',
    table: '/diningTable',
  },
  maximumForces: [80, 80, 40, 40, 9, 9, 9],
  maximumVelocities: [1.74, 1.328, 1.957, 1.957, 3.485, 3.485, 4.545],
  gripper: { sign: 1, force: 50, maximumOpening: 0.08 },
  contactForce: 0,
};

/** The script under a Lua 5.4 engine, with a double of the simulator around it. */
export class LuaLane {
  private readonly lua: LuaEngine;

  private constructor(lua: LuaEngine) {
    this.lua = lua;
  }

  /** Loads the script into a scene that lacks the objects named; `sysCall_init` is still to be called. */
  static async load(
    options: { without?: readonly string[]; config?: LaneConfig; script?: string } = {},
  ): Promise<LuaLane> {
    const lua = await new LuaFactory().createEngine();
    const lane = new LuaLane(lua);
    await lua.doString(double);
    for (const [path, object] of scene())
      if (!options.without?.includes(path)) lane.do(`addObject('${path}', ${object})`);
    await lua.doString(options.script ?? laneScript(options.config ?? config));
    return lane;
  }

  /** A function of ours for the script's world; numbers in, text out. */
  provide(name: string, action: (...args: number[]) => string): void {
    this.lua.global.set(name, action);
  }

  /** Runs Lua and returns what it returns; tables with numbers from 1 on as arrays. */
  do<T = unknown>(code: string): T {
    return this.lua.doStringSync(code) as T; // Whoever asks knows what it returns.
  }

  init(): void {
    this.do('sysCall_init()');
  }

  /** Puts a message into the queue. Bytes would not survive the way into Lua; numbers do. */
  send(...doubles: number[]): void {
    this.do(`table.insert(world.inbox, sim.packDoubleTable {${doubles.map(literal).join(', ')}})`);
  }

  /** One pass of the simulator's main script. */
  simulate(): void {
    this.do('simulate()');
  }

  /** The packed replies sent since the last call. */
  replies(): number[][] {
    const count = this.do<number>('return #world.outbox');
    const read = Array.from({ length: count }, (_, i) =>
      this.do<string>(
        `local v = sim.unpackDoubleTable(world.outbox[${i + 1}]) for i, x in ipairs(v) do v[i] = string.format('%.17g', x) end return table.concat(v, ' ')`,
      )
        .split(' ')
        .map(Number),
    );
    this.do('world.outbox = {}');
    return read;
  }

  /** The last reply as text. */
  text(): string {
    return this.do<string>('return world.outbox[#world.outbox]');
  }

  close(): void {
    this.lua.global.close();
  }
}

function literal(value: number): string {
  if (Number.isNaN(value)) return '0/0';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'math.huge' : '-math.huge';
}

function scene(): [string, string][] {
  const { objects } = config;
  const pose = (x: number, y: number, z: number) => `{pose = {${x}, ${y}, ${z}, 0, 0, 0.6, 0.8}}`;
  return [
    [objects.arm, pose(0, 0, 0)],
    ...objects.joints.map((path, i): [string, string] => [path, `{position = ${i / 10}, target = 0}`]),
    [objects.tip, pose(0.3, 0.1, 0.9)],
    [objects.gripper, '{pose = {0.31, 0.1, 0.93, 1, 0, 0, 0}}'],
    [objects.leftFingerJoint, '{position = 0.04, target = 0, maximum = 0.04}'],
    [objects.rightFingerJoint, '{position = 0.04, target = 0, maximum = 0.04}'],
    [objects.leftPad, pose(0.3, 0.14, 0.8)],
    [objects.rightPad, pose(0.3, 0.06, 0.8)],
    [objects.target, pose(0.35, 0.025, 0.775)],
    [objects.table, pose(0, 0, 0.375)],
  ];
}
