import { LIMITS } from '../../episode.ts';
import { DemonstrationFileError } from '../../errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { itemsOf, keysOf } from '../transitions/plain.ts';
import { isTransition } from '../transitions/read-item.ts';
import { Memo } from './memo.ts';
import { type Instruction, nextInstruction } from './operations.ts';
import {
  build,
  call,
  ForeignGlobal,
  findGlobal,
  kindOf,
  PickleDict,
  PickleList,
  PickleTuple,
  type PickleValue,
  refuseCall,
  refuseGlobal,
  refuseObject,
} from './values.ts';

/** Things on the stack at once: Python appends a thousand items at a time, and old ones a whole list. */
const MAX_STACK = 1_000_000;
/** About what a value takes in memory besides its bytes. */
const BYTES_PER_VALUE = 16;

/**
 * Carries a pickle's operations out, as far as they make data, and hands over the items of its list one at a time, as
 * they are appended. Memory stays bounded however long the list is.
 */
export class PickleMachine {
  private readonly source: ByteSource;
  private readonly memo: Memo<PickleValue>;
  private stack: PickleValue[] = [];
  /** Stacks that wait for the present one's end, and how many things are on them. */
  private readonly outer: PickleValue[][] = [];
  private outerSize = 0;
  /** Whether a class or function was named that is not one of those that data is made with. */
  private foreign = false;
  /** Bytes taken since items were last handed over. */
  private bytes = 0;

  /** @param uses from `countUses`. */
  constructor(source: ByteSource, uses: Uint8Array) {
    this.source = source;
    this.memo = new Memo(uses);
  }

  /**
   * The items of the pickled list or deque; anything else is one item. Throws UnsafePickleError, DemonstrationFileError.
   */
  *items(): Generator<PickleValue, void, void> {
    for (;;) {
      const instruction = nextInstruction(this.source, true);
      if (instruction.name === 'STOP') break;
      if (instruction.name === 'APPENDS' || instruction.name === 'APPEND') {
        const added = instruction.name === 'APPENDS' ? this.popToMark() : [this.pop()];
        const list = this.top();
        if (!(list instanceof PickleList)) throw new DemonstrationFileError(`it appends to ${kindOf(list)}`);
        if (this.stack.length > 1 || this.outer.length > 0) for (const item of added) list.items.push(item);
        else {
          this.bytes = 0;
          yield* added;
        }
      } else this.carryOut(instruction);
    }
    const result = this.pop();
    if (this.stack.length > 0 || this.outer.length > 0) throw new DemonstrationFileError('it stops before it is done');
    // A list that was made in one piece still has its items.
    if (result instanceof PickleList || (result instanceof PickleTuple && !isTransition(result))) yield* result.items;
    else if (itemsOf(result) !== null || keysOf(result) !== null) yield result;
    else
      throw new DemonstrationFileError(
        `it is ${kindOf(result)}, and not a list of (state, action, reward, next_state, done) or of dicts, or a dict of arrays`,
      );
  }

  private carryOut(instruction: Instruction): void {
    const { name, argument } = instruction;
    switch (name) {
      case 'PROTO':
      case 'FRAME':
        break;
      case 'MARK':
        this.outer.push(this.stack);
        this.outerSize += this.stack.length + 1;
        this.stack = [];
        this.checkStack();
        break;
      case 'POP':
        // Python's POP takes a mark where there is nothing above it.
        if (this.stack.length === 0) this.popToMark();
        else this.pop();
        break;
      case 'POP_MARK':
        this.popToMark();
        break;
      case 'BINPUT':
      case 'LONG_BINPUT':
      case 'PUT':
        this.memo.put(this.top(), Number(argument));
        break;
      case 'MEMOIZE':
        this.memo.put(this.top());
        break;
      case 'BUILD': {
        const state = this.pop();
        build(this.top(), state);
        break;
      }
      case 'SETITEM':
        this.fill(this.popSeveral(2));
        break;
      case 'SETITEMS':
        this.fill(this.popToMark());
        break;
      default: {
        // Made first: an end of a group puts another stack in this one's place.
        const value = this.make(instruction);
        this.stack.push(value);
        this.count(BYTES_PER_VALUE);
        this.checkStack();
      }
    }
  }

  /** The value that an operation puts on the stack. */
  private make({ name, argument }: Instruction): PickleValue {
    switch (name) {
      case 'NONE':
        return null;
      case 'NEWTRUE':
        return true;
      case 'NEWFALSE':
        return false;
      case 'EMPTY_TUPLE':
        return new PickleTuple([]);
      case 'TUPLE':
        return new PickleTuple(this.popToMark());
      case 'TUPLE1':
        return new PickleTuple(this.popSeveral(1));
      case 'TUPLE2':
        return new PickleTuple(this.popSeveral(2));
      case 'TUPLE3':
        return new PickleTuple(this.popSeveral(3));
      case 'EMPTY_LIST':
        return new PickleList();
      case 'LIST':
        return new PickleList(this.popToMark());
      case 'EMPTY_DICT':
        return new PickleDict();
      case 'DICT':
        return new PickleDict(this.popToMark());
      case 'BINGET':
      case 'LONG_BINGET':
      case 'GET':
        return this.memo.get(Number(argument));
      case 'GLOBAL': {
        const [module = '', global = ''] = String(argument).split('\n');
        return this.findGlobal(module, global);
      }
      case 'STACK_GLOBAL': {
        const [module, global] = this.popSeveral(2);
        if (typeof module !== 'string' || typeof global !== 'string')
          throw new DemonstrationFileError('it asks for a function whose name is no text');
        return this.findGlobal(module, global);
      }
      case 'REDUCE': {
        const [callable, given] = this.takeTop(2) as [PickleValue, PickleValue]; // It gives as many as asked for.
        if (callable instanceof ForeignGlobal) refuseCall(callable);
        return call(callable, given);
      }
      case 'NEWOBJ':
      case 'NEWOBJ_EX': {
        const [type, given] = this.takeTop(name === 'NEWOBJ' ? 2 : 3);
        refuseObject(type, given);
      }
    }
    // All that is left stands for its argument: numbers, texts, bytes.
    if (Buffer.isBuffer(argument) || typeof argument === 'string') {
      this.count(argument.length);
    }
    return argument;
  }

  private findGlobal(module: string, name: string): PickleValue {
    const found = findGlobal(module, name);
    this.foreign ||= found instanceof ForeignGlobal;
    return found;
  }

  /** Puts keys and values, one after the other, into the dict on top. */
  private fill(pairs: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict)) throw new DemonstrationFileError(`it sets an item of ${kindOf(dict)}`);
    dict.set(pairs);
  }

  /** Counts what is held until items are handed over. */
  private count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > 2 * LIMITS.bytes)
      throw new DemonstrationFileError(
        `it holds more than ${2 * LIMITS.bytes} bytes in one piece, or in a thousand items: split it into several pickles`,
      );
  }

  private checkStack(): void {
    if (this.stack.length + this.outerSize > MAX_STACK)
      throw new DemonstrationFileError(`it puts more than ${MAX_STACK} things in a row before making a list of them`);
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw new DemonstrationFileError('it takes from an empty stack');
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.length--;
    this.check([value]);
    return value;
  }

  private popSeveral(count: number): PickleValue[] {
    const values = this.takeTop(count);
    this.check(values);
    return values;
  }

  /** As `popSeveral`, whatever they are. */
  private takeTop(count: number): PickleValue[] {
    if (this.stack.length < count) throw new DemonstrationFileError('it takes from an empty stack');
    return this.stack.splice(this.stack.length - count);
  }

  private popToMark(): PickleValue[] {
    const values = this.stack;
    const outer = this.outer.pop();
    if (outer === undefined) throw new DemonstrationFileError('it ends a group that never began');
    this.stack = outer;
    this.outerSize -= outer.length + 1;
    this.check(values);
    return values;
  }

  /** Data is made of data alone: a class or function that is not read is refused as soon as it becomes part of it. */
  private check(values: readonly PickleValue[]): void {
    if (!this.foreign) return;
    for (const value of values) if (value instanceof ForeignGlobal) refuseGlobal(value);
  }
}
