/** One step as the simplest policy gradient wants it. */
export interface RememberedStep {
  readonly observation: ArrayLike<number>;
  /** Numbers, or the integer of a discrete action. */
  readonly action: ArrayLike<number> | number;
  readonly reward: number;
}

/** The steps remembered, one after the other. */
export interface RememberedBatch {
  readonly size: number;
  /** `[size, observation]` */
  readonly observations: Float32Array;
  /** `[size, action]` */
  readonly actions: Float32Array;
  /** `[size]` */
  readonly rewards: Float32Array;
}

/** The least that a policy gradient needs: steps in, all of them out, and forgotten. */
export class StepMemory {
  private steps: RememberedStep[] = [];

  get size(): number {
    return this.steps.length;
  }

  /** The observation and the action are copied. */
  push({ observation, action, reward }: RememberedStep): void {
    const copied = typeof action === 'number' ? [action] : Float32Array.from(action);
    this.steps.push({ observation: Float32Array.from(observation), action: copied, reward });
  }

  getBatch(): RememberedBatch {
    const flat = (rows: readonly ArrayLike<number>[]) => Float32Array.from(rows.flatMap(row => Array.from(row)));
    return {
      size: this.steps.length,
      observations: flat(this.steps.map(step => step.observation)),
      // Pushed as arrays, above.
      actions: flat(this.steps.map(step => step.action as ArrayLike<number>)),
      rewards: Float32Array.from(this.steps, step => step.reward),
    };
  }

  clear(): void {
    this.steps = [];
  }
}
