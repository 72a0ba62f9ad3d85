import { Reply } from 'zeromq';
import { readLaneScript } from '../../../src/bridge/coppeliasim/fast-lane/index.ts';
import { decodeMessage, encodeMessage } from '../../../src/bridge/coppeliasim/remote-api/index.ts';
import { createKinematics } from '../../../src/bridge/index.ts';
import type { Kinematics } from '../../../src/bridge/kinematics.ts';
import { config, LuaLane } from './fast-lane/lua-lane.ts';

/** What a call is answered with: results, an error's text, or nothing at all. */
export type Answer = readonly unknown[] | { readonly error: string } | 'silence';

export interface PeerOptions {
  /** Paths of objects that the scene lacks. */
  readonly without?: readonly string[];
  /** Answers calls in another way; undefined leaves them as they are. */
  readonly onCall?: (func: string, args: readonly unknown[]) => Answer | undefined;
  /** Whether the scene's arm is somewhere else than the kinematics has it. */
  readonly displaced?: boolean;
}

/** The coroutine lets the script wait as it does in CoppeliaSim, without keeping this process from its sockets. */
const waiting = `
  sim.getSystemTime = function() return tonumber(systemTime()) end
  simZMQ.poll = function()
    if #world.inbox == 0 then coroutine.yield() end
    return #world.inbox > 0 and 1 or 0, {0}
  end
  local getPose = sim.getObjectPose
  sim.getObjectPose = function(handle, frame)
    if world.objects[handle].path ~= '/Sawyer/Sawyer_tip' then return getPose(handle, frame) end
    local q, pose = {}, {}
    for i = 1, 7 do q[i] = sim.getJointPosition(sim.getObject('/Sawyer/Sawyer_joint' .. i)) end
    for number in tipPose(table.unpack(q)):gmatch('%S+') do pose[#pose + 1] = tonumber(number) end
    return pose
  end
  run = coroutine.wrap(function() while true do simulate() end end)`;

/**
 * As much of a CoppeliaSim as connecting takes: a remote API that answers the calls of setting up, and our script under
 * a Lua engine behind the fast lane's own socket. Joints move exactly as told, and nothing is ever in contact.
 */
export class ScriptedPeer {
  readonly calls: { func: string; args: readonly unknown[] }[] = [];
  /** Paths of what is in the scene, by handle. */
  private readonly objects = new Map<number, string>();
  private readonly socket = new Reply({ linger: 0 });
  private readonly options: PeerOptions;
  private readonly kinematics: Kinematics;
  private readonly size = [0.05, 0.1, 0.05];
  private readonly scripts = new Map<number, string>();
  private lane: { readonly lua: LuaLane; readonly socket: Reply } | null = null;
  private mass = 0.25;
  private nextHandle = 100;
  private state = 0;

  private constructor(options: PeerOptions, kinematics: Kinematics) {
    this.options = options;
    this.kinematics = kinematics;
    const { joints, ...rest } = config.objects;
    let handle = 17; // As the double numbers them: the script finds the same handles.
    const order = [rest.arm, ...joints, rest.tip, rest.gripper, rest.leftFingerJoint, rest.rightFingerJoint];
    for (const path of [...order, rest.leftPad, rest.rightPad, rest.target, rest.table])
      if (!options.without?.includes(path)) this.objects.set(handle++, path);
  }

  static async start(options: PeerOptions = {}): Promise<ScriptedPeer> {
    const peer = new ScriptedPeer(options, await createKinematics());
    await peer.socket.bind('tcp://127.0.0.1:*');
    void peer.serve();
    return peer;
  }

  get address(): string {
    return this.socket.lastEndpoint as string; // It is bound.
  }

  /** The script's world, while the simulation runs. */
  get lua(): LuaLane {
    if (this.lane === null) throw new Error('the simulation does not run');
    return this.lane.lua;
  }

  get running(): boolean {
    return this.lane !== null;
  }

  /** As if somebody pressed the stop button. */
  async stop(): Promise<void> {
    this.state = 0;
    this.lane?.socket.close();
    this.lane?.lua.do('sysCall_cleanup()');
    this.lane?.lua.close();
    this.lane = null;
  }

  async close(): Promise<void> {
    await this.stop();
    this.socket.close();
  }

  private async serve(): Promise<void> {
    for await (const [message] of this.socket) {
      const { func, args } = decodeMessage(message as Buffer) as { func: string; args: unknown[] };
      this.calls.push({ func, args });
      const answer = this.options.onCall?.(func, args) ?? (await this.answer(func, args));
      if (answer === 'silence') return;
      await this.socket.send(encodeMessage('error' in answer ? { err: answer.error } : { ret: answer }));
    }
  }

  private async answer(func: string, args: readonly unknown[]): Promise<Answer> {
    const [first, second] = args;
    switch (func) {
      case 'sim.getInt32Param':
        return [41_000];
      case 'sim.getSimulationState':
        return [this.state];
      case 'sim.getSimulationTimeStep':
        return [0.05];
      case 'sim.getObject':
        return [[...this.objects].find(([, path]) => path === first)?.[0] ?? -1];
      case 'sim.getObjectsInTree':
        return [[...this.objects.keys()]];
      case 'sim.getObjectAlias':
        return [this.objects.get(first as number)];
      case 'sim.setObjectAlias':
        this.objects.set(first as number, `/${second}`);
        return [];
      case 'sim.removeObjects':
        for (const handle of first as number[]) {
          this.objects.delete(handle);
          this.scripts.delete(handle);
        }
        return [];
      case 'sim.getShapeBB':
        return [this.size];
      case 'sim.setShapeBB':
        this.size.splice(0, 3, ...(second as number[]));
        return [];
      case 'sim.getShapeMass':
        return [this.mass];
      case 'sim.setShapeMass':
        this.mass = second as number;
        return [];
      case 'sim.createScript':
        this.scripts.set(this.nextHandle, second as string);
        return [this.nextHandle++];
      case 'sim.startSimulation':
        await this.start();
        return [];
      case 'sim.stopSimulation':
        await this.stop();
        return [];
      case 'sim.callScriptFunction':
        return this.lane === null ? { error: 'script is not initialized' } : [this.lua.do('return laneStatus()')];
      case 'zmqRemoteApi.require':
      case 'sim.loadScene':
      case '_*end*_':
        return [];
      default:
        return { error: `No such function: ${func}` };
    }
  }

  private async start(): Promise<void> {
    this.state = 17;
    const [script] = this.scripts.values();
    if (script === undefined) return;
    const lua = await LuaLane.load({ script, without: this.options.without ?? [] });
    const socket = new Reply({ linger: 0 });
    await socket.bind(`tcp://127.0.0.1:${readLaneScript(script)?.port}`).catch(() => lua.do('world.bindFails = true'));
    lua.provide('tipPose', (...q) => {
      const { position, orientation } = this.kinematics.tipPose(q);
      const [x, ...rest] = [...position, ...orientation];
      return [(x as number) + (this.options.displaced ? 0.2 : 0), ...rest].join(' ');
    });
    lua.provide('systemTime', () => String(performance.now() / 1000));
    lua.do(waiting);
    lua.init();
    this.lane = { lua, socket };
    void this.serveLane(lua, socket);
  }

  private async serveLane(lua: LuaLane, socket: Reply): Promise<void> {
    for await (const [message] of socket) {
      lua.send(...new Float64Array(Uint8Array.from(message as Buffer).buffer));
      lua.do('run()');
      const text = lua.text();
      if (text.startsWith('graspbridge-lane')) {
        lua.replies();
        await socket.send(text);
      } else await socket.send(Buffer.from(Float64Array.from(lua.replies().at(-1) ?? []).buffer));
    }
  }
}
