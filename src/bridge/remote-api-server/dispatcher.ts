import { GraspbridgeError } from '../../common/errors.ts';
import { Arguments } from './arguments.ts';
import { CallError } from './errors.ts';
import type { Answer, Ask, Context, Wait } from './functions/function.ts';
import { remoteFunctions } from './functions/index.ts';
import { describeUnserved } from './functions/unserved.ts';
import type { Lanes } from './lanes.ts';
import { defaultTimeout, type RemoteRequest } from './requests.ts';
import { constants } from './scene/objects-file.ts';
import { Session } from './session.ts';
import type { Simulation } from './simulation.ts';
import { Stores } from './stores.ts';
import type { World } from './world.ts';

/** What goes back to a client; `{}` after `_*end*_`. An empty list of values travels as an empty map, as Lua has it. */
export type Reply = Readonly<Record<string, unknown>>;

export const versionMismatch: Reply = {
  success: false,
  error: "The client's protocol version does not match: version 2 is needed, that of CoppeliaSim 4.6 and later.",
};

const protocolVersion = 2;
/** Clients at a time; beyond that the one that was silent for longest is forgotten. */
const sessionLimit = 256;
/** Callbacks within callbacks. */
const nestingLimit = 32;
/** A client is told to wait again after so long, so that it sees that somebody is there, s. */
const patience = 0.1;

/** Clients and their calls. One reply for each request, whatever comes. */
export class Dispatcher {
  private readonly world: World;
  private readonly simulation: Simulation;
  private readonly lanes: Lanes;
  private readonly log: Context['log'];
  private readonly sessions = new Map<string, Session>();
  private readonly stores = new Stores();
  private readonly constants = constants();
  private readonly functionNames = [...remoteFunctions.keys()];

  constructor(world: World, simulation: Simulation, lanes: Lanes, log: Context['log']) {
    this.world = world;
    this.simulation = simulation;
    this.lanes = lanes;
    this.log = log;
  }

  /** The reply to a request; it may take a moment where the client waits for the simulation. */
  async reply(request: RemoteRequest): Promise<Reply> {
    if (request.version !== undefined && request.version !== protocolVersion) return versionMismatch;
    if (request.func === '_*end*_') {
      this.forget(request.uuid);
      return {};
    }
    const session = this.session(request);
    if (request.func === '_*executed*_') return this.goOn(session, request.args);
    // Whoever does not answer a wait does not want its result any more.
    if (isWait(session.pending.at(-1)?.question)) session.pending.pop();
    return this.answer(session, request.func, () => this.call(session, request.func, request.args));
  }

  /** Forgets clients that have been silent for too long, and lets go what they held. */
  expire(): void {
    const now = performance.now();
    for (const { uuid, lastSeen, timeout } of this.sessions.values())
      if (now - lastSeen > 1000 * timeout) this.forget(uuid);
  }

  private session({ uuid, timeout = defaultTimeout }: RemoteRequest): Session {
    let session = this.sessions.get(uuid);
    if (!session) {
      if (this.sessions.size >= sessionLimit) this.forget(this.sessions.keys().next().value as string); // There is one.
      session = new Session(uuid, timeout, this.simulation);
    }
    session.lastSeen = performance.now();
    // Put last again: the order of the map is that of last sight.
    this.sessions.delete(uuid);
    this.sessions.set(uuid, session);
    return session;
  }

  private forget(uuid: string): void {
    this.sessions.get(uuid)?.release();
    this.sessions.delete(uuid);
  }

  /** The client has done what it was told: waited, or run its callback. */
  private async goOn(session: Session, results: readonly unknown[]): Promise<Reply> {
    const pending = session.pending.at(-1);
    if (!pending) return { ret: {} };
    const { func, question } = pending;
    if (isWait(question)) {
      const given = () => session.pending.at(-1) !== pending;
      await this.simulation.until(() => question.until() || given(), patience);
      session.lastSeen = performance.now();
      if (!given() && !question.until()) return ask('_*wait*_', []);
    }
    session.pending.pop();
    return this.answer(session, func, () => (isWait(question) ? question.finish() : question.resume(results)));
  }

  /** Runs a part of a call with the world to itself, and says what comes of it. */
  private async answer(session: Session, func: string, part: () => Answer | Promise<Answer>): Promise<Reply> {
    try {
      const answer = await this.world.exclusively(part);
      if (isValues(answer)) return { ret: answer.length === 0 ? {} : answer };
      if (session.pending.length >= nestingLimit) {
        session.pending.length = 0;
        throw new CallError('too many calls within callbacks: all of them are given up.');
      }
      session.pending.push({ func, question: answer });
      return isWait(answer) ? ask('_*wait*_', []) : ask(answer.ask, answer.args);
    } catch (error) {
      return { err: describe(error, func) };
    }
  }

  private call(session: Session, name: string, args: readonly unknown[]): Answer | Promise<Answer> {
    const called = remoteFunctions.get(name);
    if (!called) throw new UnknownFunctionError(describeUnserved(clean(name), this.functionNames));
    const context: Context = {
      world: this.world,
      simulation: this.simulation,
      session,
      stores: this.stores,
      lanes: this.lanes,
      log: this.log,
      constants: this.constants,
      functionNames: this.functionNames,
      call: async (other, given) => {
        try {
          const answer = await this.call(session, other, given);
          if (isValues(answer)) return answer;
        } catch (error) {
          throw new InnerCallError(error, other);
        }
        throw new InnerCallError(new CallError('it cannot be called from within another call.'), other);
      },
    };
    return called(new Arguments(args), context);
  }
}

/** There is no function of that name: nothing is said of where, as CoppeliaSim has it. */
class UnknownFunctionError extends GraspbridgeError {}

/** A call that another call makes failed. Its message names the inner function, as each result of a batch does. */
class InnerCallError extends GraspbridgeError {
  constructor(cause: unknown, func: string) {
    super(describe(cause, func), { cause });
  }
}

function isValues(answer: Answer): answer is readonly unknown[] {
  return Array.isArray(answer);
}

function isWait(question: Ask | Wait | undefined): question is Wait {
  return question !== undefined && 'until' in question;
}

function ask(func: string, args: readonly unknown[]): Reply {
  return { func, args: args.length === 0 ? {} : args };
}

/** Nothing that a client sent makes a message longer or stranger than a line. */
function clean(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?').slice(0, 200);
}

/** An error as CoppeliaSim writes it: `354: in sim.getObjectPosition: object does not exist.` */
function describe(error: unknown, func: string): string {
  if (error instanceof UnknownFunctionError) return error.message;
  // The client gets the name of the function that it called.
  if (error instanceof InnerCallError) return describe(error.cause, func);
  const inner = func === 'sim.getObject' ? 'sim._getObject' : clean(func);
  if (error instanceof CallError) return `${error.code}: in ${inner}: ${error.message}`;
  const message = error instanceof Error ? error.message : String(error);
  return `354: in ${inner}: ${message.replaceAll('\n', '_=NL=_').replaceAll('\t', '_=TB=_').slice(0, 2000)}`;
}
