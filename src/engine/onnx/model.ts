import { type Attribute, type ElementType, type GraphNode, liveNodes, type Value } from './graph.ts';
import { ProtobufWriter } from './protobuf.ts';

// Field numbers and type codes: onnx.proto3, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
const IR_VERSION = 9;
const OPSET = 20;
const TYPE_CODES: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export interface OnnxModel {
  readonly bytes: Uint8Array;
  /** Names of the inputs that the outputs really depend on. */
  readonly inputs: readonly string[];
  readonly nodeCount: number;
}

/**
 * Writes the part of a graph that the outputs need as an ONNX model (opset 20).
 *
 * @param outputs values by the names they get in the model
 */
export function encodeModel(outputs: Readonly<Record<string, Value>>): OnnxModel {
  const names = new Map<Value, string>();
  const aliases: [from: Value, to: string][] = [];
  for (const [name, value] of Object.entries(outputs)) {
    // An input, a constant, or a value that is an output already, cannot be renamed: it is copied.
    if (value.node && !names.has(value)) names.set(value, name);
    else aliases.push([value, name]);
  }
  const nodes = liveNodes(Object.values(outputs));
  const reachable = new Set<Value>(Object.values(outputs));
  for (const node of nodes) for (const value of node.inputs) if (value) reachable.add(value);
  const nameOf = (value: Value) => names.get(value) ?? value.input ?? `v${value.id}`;
  const inputs = [...reachable].filter(value => value.input !== null);

  const graph = new ProtobufWriter();
  for (const node of nodes) graph.message(1, w => writeNode(w, node, nameOf));
  for (const [from, to] of aliases)
    graph.message(1, w => w.string(1, nameOf(from)).string(2, to).string(3, to).string(4, 'Identity'));
  graph.string(2, 'graspbridge');
  for (const value of reachable) if (value.constant) graph.message(5, w => writeConstant(w, value, nameOf(value)));
  for (const value of inputs) graph.message(11, w => writeValueInfo(w, value, nameOf(value)));
  for (const [name, value] of Object.entries(outputs)) graph.message(12, w => writeValueInfo(w, value, name));

  const model = new ProtobufWriter().integer(1, IR_VERSION).string(2, 'graspbridge').data(7, graph.finish());
  for (const domain of new Set(['', ...nodes.map(node => node.domain)]))
    model.message(8, w => w.string(1, domain).integer(2, domain === '' ? OPSET : 1));
  return { bytes: model.finish(), inputs: inputs.map(nameOf), nodeCount: nodes.length + aliases.length };
}

function writeNode(writer: ProtobufWriter, node: GraphNode, nameOf: (value: Value) => string): void {
  for (const input of node.inputs) writer.string(1, input ? nameOf(input) : '');
  for (const output of node.outputs) writer.string(2, nameOf(output));
  writer.string(3, `${node.operation}_${node.outputs[0]?.id}`).string(4, node.operation);
  for (const [name, value] of Object.entries(node.attributes)) writer.message(5, w => writeAttribute(w, name, value));
  if (node.domain !== '') writer.string(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, name: string, value: Attribute): void {
  writer.string(1, name);
  if (typeof value === 'number') writer.integer(3, value).integer(20, 2);
  else if (typeof value === 'string') writer.string(4, value).integer(20, 3);
  else if ('float' in value) writer.float(2, value.float).integer(20, 1);
  else {
    for (const item of value) writer.integer(8, item);
    writer.integer(20, 7);
  }
}

function writeConstant(writer: ProtobufWriter, value: Value, name: string): void {
  for (const size of value.shape) writer.integer(1, size);
  writer.integer(2, TYPE_CODES[value.type]).string(8, name);
  const data = value.constant as NonNullable<Value['constant']>; // Only constants come here.
  writer.data(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValueInfo(writer: ProtobufWriter, value: Value, name: string): void {
  writer.string(1, name).message(2, type =>
    type.message(1, tensor => {
      tensor.integer(1, TYPE_CODES[value.type]);
      tensor.message(2, shape => {
        for (const size of value.shape) shape.message(1, dimension => dimension.integer(1, size));
      });
    }),
  );
}
