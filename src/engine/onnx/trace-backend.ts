import {
  type BackendValues,
  type DataId,
  DataStorage,
  type DataType,
  engine,
  KernelBackend,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { GraspbridgeError } from '../../common/errors.ts';
import { type Graph, sizeOf, type Value } from './graph.ts';

/** A loss asked for numbers while it was being traced, when there are only shapes. */
export class TracedValueError extends GraspbridgeError {}

/** What a TF.js tensor of the tracing backend stands for: a value of the graph, or numbers not yet in it. */
interface TracedData {
  value: Value | null;
  readonly numbers: ArrayLike<number> | null;
}

/** Numbers as TF.js hands them over; a loss cannot hold strings, whatever the type allows. */
function numeric(values: BackendValues): ArrayLike<number> {
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) return values as ArrayLike<number>;
  throw new TracedValueError('While tracing a loss: it makes a tensor of strings. Only numbers can be traced.');
}

/**
 * A TF.js backend that records operations in a {@link Graph} instead of computing them.
 *
 * A tensor's data is a value of the graph; numbers that a loss brings along become constants when first used.
 */
export class TraceBackend extends KernelBackend {
  readonly graph: Graph;
  private readonly storage: DataStorage<TracedData>;

  constructor(graph: Graph) {
    super();
    this.graph = graph;
    this.storage = new DataStorage(this, engine());
  }

  /** The graph's value behind a tensor. */
  traced(tensor: TensorInfo): Value {
    const data = this.storage.get(tensor.dataId);
    data.value ??= this.embed(data.numbers ?? [], tensor.shape, tensor.dtype);
    return data.value;
  }

  /** A tensor for a value of the graph. */
  tensorOf(value: Value): TensorInfo {
    const dataId = {};
    this.storage.set(dataId, { value, numbers: null });
    // int64 is only ever an operand of ONNX's own, never a tensor of TF.js.
    return { dataId, shape: [...value.shape], dtype: value.type as DataType };
  }

  private embed(numbers: ArrayLike<number>, shape: readonly number[], dtype: DataType): Value {
    const type = dtype === 'bool' || dtype === 'int32' ? dtype : 'float32';
    const make = (values: ArrayLike<number>, of: readonly number[]) => {
      const data =
        type === 'bool'
          ? Uint8Array.from(values)
          : type === 'int32'
            ? Int32Array.from(values)
            : Float32Array.from(values);
      return this.graph.constant(data, of, type);
    };
    const first = numbers[0];
    const uniform = first !== undefined && sizeOf(shape) > 1 && Array.prototype.every.call(numbers, n => n === first);
    // One number repeated is a broadcast scalar, which most operations take without writing it out.
    return uniform
      ? this.graph.op('Expand', [make([first], []), this.graph.integers(shape)], shape, {}, type)
      : make(numbers, shape);
  }

  // What TF.js calls; nothing is ever computed, so there is little to do.

  override write(values: BackendValues): DataId {
    const dataId = {};
    this.storage.set(dataId, { value: null, numbers: numeric(values) });
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues): void {
    this.storage.set(dataId, { value: null, numbers: numeric(values) });
  }

  override readSync(): never {
    throw new TracedValueError(
      'While tracing a loss: it reads a tensor as numbers (dataSync, arraySync, print …), but while it is traced there ' +
        'are only shapes. Write the loss in TF.js operations alone.',
    );
  }

  override read(): never {
    return this.readSync();
  }

  override disposeData(dataId: DataId): boolean {
    this.storage.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.storage.numDataIds();
  }

  override refCount(): number {
    return 1;
  }

  override incRef(): void {}

  decRef(): void {}

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {}
}
