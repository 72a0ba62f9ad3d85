import { GraspbridgeError, UsageError } from '../common/errors.ts';

/** A loss or a forward function uses an operation that the backend cannot compile, or has no gradient for. */
export class UnsupportedOperationError extends GraspbridgeError {
  /** The TF.js kernel, such as `Conv2D`. */
  readonly operation: string;

  constructor(operation: string, doing: string, advice: string, options?: ErrorOptions) {
    super(`While ${doing}: the operation ${operation} is not supported. ${advice}`, options);
    this.operation = operation;
  }
}

/** A loss, a metric or a gradient is NaN or infinite; the parameters of its stage were left as they were. */
export class NonFiniteLossError extends GraspbridgeError {
  /** The loss that the number belongs to. */
  readonly loss: string;
  /** What is not finite: the loss itself, one of its metrics, or `gradient`. */
  readonly quantity: string;
  readonly value: number;

  constructor(loss: string, quantity: string, value: number) {
    super(
      `Updating with the loss "${loss}": its ${quantity} is ${value}. The parameters of this stage were not moved. ` +
        'Look for NaN or very large numbers in the batch, or lower the learning rate.',
    );
    this.loss = loss;
    this.quantity = quantity;
    this.value = value;
  }
}

/** What an engine was asked to compile contradicts itself: shapes, groups, names. */
export class EngineSpecError extends UsageError {}

/** A computing backend that was asked for is not installed or does not load. */
export class BackendUnavailableError extends UsageError {}
