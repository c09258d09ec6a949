/** Two ONNX files compared by a decoder that is not ours (onnx-proto); external data read in by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import proto, { type onnx as types } from 'onnx-proto';

// A CommonJS module: its names are not there to be imported one by one.
const { onnx } = proto;

/** What differs, in words; empty if initializers are equal byte for byte, and names, order, nodes and metadata too. */
export function differences(source: Uint8Array, exported: Uint8Array, folder: string): string[] {
  const [before, after] = [onnx.ModelProto.decode(source), onnx.ModelProto.decode(exported)];
  const inlined = before.graph!.initializer!.map((tensor) => withData(tensor, folder));
  return [
    ...changed('initializer', inlined, after.graph!.initializer!, (tensor) =>
      onnx.TensorProto.encode(tensor).finish(),
    ),
    ...changed('node', before.graph!.node!, after.graph!.node!, (node) =>
      onnx.NodeProto.encode(node).finish(),
    ),
    ...changed('input', before.graph!.input!, after.graph!.input!, valueBytes),
    ...changed('output', before.graph!.output!, after.graph!.output!, valueBytes),
    ...changed('inner value', before.graph!.valueInfo!, after.graph!.valueInfo!, valueBytes),
    ...(same(rest(before), rest(after)) ? [] : ['operator sets, producer, metadata or another field']),
  ];
}

const valueBytes = (value: types.IValueInfoProto) => onnx.ValueInfoProto.encode(value).finish();

function changed<T extends { name?: string | null }>(
  kind: string,
  before: readonly T[],
  after: readonly T[],
  bytes: (part: T) => Uint8Array,
): string[] {
  if (before.length !== after.length) return [`${before.length} -> ${after.length} of ${kind}`];
  return before.flatMap((part, i) =>
    same(bytes(part), bytes(after[i]!)) ? [] : [`${kind} ${part.name || i}`],
  );
}

/** The model without the parts that are compared one by one. */
function rest(model: types.ModelProto): Uint8Array {
  const graph = { ...model.graph, initializer: [], node: [], input: [], output: [], valueInfo: [] };
  return onnx.ModelProto.encode({ ...model, graph }).finish();
}

function withData(tensor: types.ITensorProto, folder: string): types.ITensorProto {
  if (tensor.dataLocation !== onnx.TensorProto.DataLocation.EXTERNAL) return tensor;
  const entries = new Map(tensor.externalData!.map(({ key, value }) => [key, value]));
  const file = readFileSync(join(folder, entries.get('location')!));
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? file.length - offset);
  const { externalData: _, dataLocation: __, ...inline } = tensor;
  return { ...inline, rawData: file.subarray(offset, offset + length) };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
