/** Element types of a graph's values, by ONNX's names in TF.js's spelling. */
export type ElementType = 'float32' | 'bool' | 'int32' | 'int64';

export type ConstantData = Float32Array | Int32Array | Uint8Array | BigInt64Array;

export type Attribute = number | string | readonly number[] | { readonly float: number };

/** One operation of a graph. */
export interface GraphNode {
  readonly operation: string;
  /** Empty for ONNX's own operations. */
  readonly domain: string;
  /** `null` where an optional input is left out. */
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: Value[];
}

/** One tensor of a graph: a node's output, a constant, or an input of the whole. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly node: GraphNode | null;
  readonly constant: ConstantData | null;
  readonly input: string | null;
}

export interface NodeSpec {
  readonly operation: string;
  readonly domain?: string;
  readonly inputs: readonly (Value | null)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly { readonly shape: readonly number[]; readonly type: ElementType }[];
}

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/**
 * A graph under construction in which equal nodes are one node.
 *
 * Two losses that both run the policy forward record the same operations on the same values; hash-consing makes them
 * the same nodes, so that they are computed once. Nodes that no output needs are left out when the graph is written.
 */
export class Graph {
  readonly inputs: Value[] = [];
  private readonly known = new Map<string, GraphNode>();
  private readonly constants = new Map<string, Value>();
  private nextId = 0;

  input(name: string, shape: readonly number[]): Value {
    const value = this.value({ shape, type: 'float32', input: name });
    this.inputs.push(value);
    return value;
  }

  constant(data: ConstantData, shape: readonly number[], type: ElementType): Value {
    // Large constants are rare, and not worth comparing.
    const key = data.length <= 4096 ? `${type}[${shape}]${data.join()}` : null;
    const known = key === null ? undefined : this.constants.get(key);
    if (known) return known;
    const value = this.value({ shape, type, constant: data });
    if (key !== null) this.constants.set(key, value);
    return value;
  }

  /** A float32 scalar of rank 0. */
  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), [], 'float32');
  }

  /** A list of int64, as ONNX wants shapes, axes and the like. */
  integers(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], 'int64');
  }

  /** The outputs of a node: of the one already there, if an equal one is. */
  node(spec: NodeSpec): readonly Value[] {
    const domain = spec.domain ?? '';
    const attributes = spec.attributes ?? {};
    const key = `${domain}:${spec.operation}(${spec.inputs.map(v => v?.id ?? '')})${JSON.stringify(attributes)}`;
    const known = this.known.get(key);
    if (known) return known.outputs;
    const node: GraphNode = { operation: spec.operation, domain, inputs: spec.inputs, attributes, outputs: [] };
    for (const output of spec.outputs) node.outputs.push(this.value({ ...output, node }));
    this.known.set(key, node);
    return node.outputs;
  }

  /** The only output of a node. */
  op(
    operation: string,
    inputs: readonly (Value | null)[],
    shape: readonly number[],
    attributes: Readonly<Record<string, Attribute>> = {},
    type: ElementType = 'float32',
    domain = '',
  ): Value {
    const [output] = this.node({ operation, domain, inputs, attributes, outputs: [{ shape, type }] });
    return output as Value; // One output was asked for.
  }

  private value(fields: Partial<Value> & Pick<Value, 'shape' | 'type'>): Value {
    return { id: this.nextId++, node: null, constant: null, input: null, ...fields };
  }
}

/** The nodes that `outputs` need, each after those it needs itself. */
export function liveNodes(outputs: readonly Value[]): GraphNode[] {
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  // Not recursive: a backward pass makes chains deeper than the call stack allows.
  const pending: { node: GraphNode; next: number }[] = [];
  const visit = (node: GraphNode | null) => {
    if (!node || seen.has(node)) return;
    seen.add(node);
    pending.push({ node, next: 0 });
  };
  for (const output of outputs) {
    visit(output.node);
    while (pending.length > 0) {
      const top = pending[pending.length - 1] as { node: GraphNode; next: number };
      if (top.next < top.node.inputs.length) visit(top.node.inputs[top.next++]?.node ?? null);
      else order.push((pending.pop() as { node: GraphNode }).node);
    }
  }
  return order;
}
