/** Graphs in a line a node, with stored tensors that their names describe. */
import { classify } from '../../src/mapping/classify.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

const { FLOAT, INT64 } = DataType;

/**
 * Stored tensors by name: f_2x3 is a float tensor of [2, 3], i_1_-1 the integers 1 and -1, s_1 an integer
 * without axes, n_0.5 a number.
 */
function storedOf(nodes: readonly Node[]) {
  const names = new Set(nodes.flatMap(({ inputs }) => inputs));
  return [...names].flatMap((name) => {
    const [, kind, text = ''] = /^([fins])[a-z]*_(.*)$/.exec(name) ?? [];
    if (kind === 'n') return [makeTensor(name, FLOAT, [], [Number(text)])];
    if (kind === 's') return [makeTensor(name, INT64, [], [BigInt(text)])];
    if (kind === 'i') {
      const values = text.split('_').map(BigInt);
      return [makeTensor(name, INT64, [values.length], values)];
    }
    if (kind !== 'f') return [];
    const dims = text.split('x').map(Number);
    const size = dims.reduce((product, extent) => product * extent, 1);
    return [
      makeTensor(
        name,
        FLOAT,
        dims,
        Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1)),
      ),
    ];
  });
}

/** `-` is an input that is left out. */
export type Line = readonly [
  type: string,
  inputs: string,
  outputs: string,
  attributes?: Parameters<typeof makeNode>[3],
];

/** x -> y. `given`: stored tensors whose names describe nothing. */
export function drawn(
  lines: readonly Line[],
  shape: readonly (number | string)[],
  given: readonly Tensor[] = [],
): Model {
  const nodes = lines.map(([type, inputs, outputs, attributes]) =>
    makeNode(
      type,
      inputs.split(' ').flatMap((name) => (name === '-' ? [''] : name ? [name] : [])),
      outputs.split(' '),
      attributes,
    ),
  );
  const known = new Set(given.map(({ name }) => name));
  const initializers = [...given, ...storedOf(nodes).filter(({ name }) => !known.has(name))];
  const inputs = [tensorInfo('x', FLOAT, [...shape])];
  const outputs = [tensorInfo('y', FLOAT)];
  // onnxruntime lacks a few operators in the set that brought this one.
  const opset = nodes.some(({ opType }) => opType === 'RotaryEmbedding') ? 23 : 21;
  return makeModel(makeGraph({ nodes, initializers, inputs, outputs }), { opset });
}

export function classified(...model: Parameters<typeof drawn>) {
  return classify(drawn(...model));
}
