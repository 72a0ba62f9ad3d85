import { UsageError } from '../../common/errors.ts';
import { type WasmMemory, wasm } from '../optimizer/webassembly.ts';

const PAGE_BYTES = 65536;
/** Vectors begin on a cache line, and are padded to whole ones: no kernel has a remainder to treat. */
const ALIGNMENT_BYTES = 64;

/** The engine's memory is full. */
export class EngineMemoryError extends UsageError {}

/**
 * Float32 vectors, one after the other, in one WebAssembly memory of fixed size.
 *
 * Never grown: growing would detach every view handed out. Pages that are not used cost address space only.
 */
export class Arena {
  readonly memory: WasmMemory;
  private readonly limit: number;
  private used = 0;

  constructor(megabytes: number) {
    const pages = Math.ceil((megabytes * 1024 * 1024) / PAGE_BYTES);
    this.memory = new wasm.Memory({ initial: pages, maximum: pages });
    this.limit = pages * PAGE_BYTES;
  }

  /** A vector of zeros; its length is `length` rounded up to a whole cache line. Throws EngineMemoryError. */
  allocate(length: number): Float32Array {
    const bytes = Math.ceil((4 * length) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    if (this.used + bytes > this.limit)
      throw new EngineMemoryError(
        `Allocating ${bytes} bytes for parameters: ${this.used} of the engine's ${this.limit} bytes are in use. ` +
          'Create the engine with a larger memoryMegabytes.',
      );
    const vector = new Float32Array(this.memory.buffer, this.used, bytes / 4);
    this.used += bytes;
    return vector;
  }
}
