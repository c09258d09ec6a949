import { expect, it } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { decodeModel } from '../../src/onnx/codec.js';
import { encodePieces } from '../../src/onnx/encode.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

const joined = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces);
const random = (name: string, count: number) =>
  makeTensor(name, DataType.FLOAT, [count], Float32Array.from({ length: count }, Math.sin));

/** Tensors wherever a file may hold one, fields before and behind them, and fields that nobody knows. */
function everywhere(): Model {
  const body = makeGraph({
    name: 'body',
    nodes: [makeNode('Constant', [], ['c'], { value: { tensor: random('', 60) } }, { name: 'inside' })],
    initializers: [random('v', 50), random('small', 1)],
    inputs: [],
    outputs: [tensorInfo('c', DataType.FLOAT, [60])],
  });
  const typed = { name: 't', dataType: DataType.FLOAT, dims: [2], floatData: [1, 2] };
  const graph = {
    ...makeGraph({
      nodes: [
        makeNode('If', ['x'], ['y'], { then_branch: { graph: body }, else_branch: { graph: body } }),
        makeNode('Identity', ['y'], ['z']),
      ],
      initializers: [random('w', 70), typed, { ...random('u', 40), docString: 'behind the data' }],
      inputs: [tensorInfo('x', DataType.BOOL, [])],
      outputs: [tensorInfo('y', DataType.FLOAT, ['n', undefined])],
      valueInfo: [tensorInfo('q', DataType.FLOAT, [3])],
    }),
    sparseInitializers: [{ values: random('s', 45), dims: [100] }],
    docString: 'of the graph',
    unknownFields: [Uint8Array.of(0xa2, 0x06, 0x01, 0x2a)],
  };
  const functions = [
    { name: 'f', domain: 'd', inputs: [], outputs: [], attributes: [], attributeDefaults: [] },
  ];
  return {
    ...makeModel(graph, { metadata: { key: 'value' } }),
    functions: functions.map((body) => ({
      ...body,
      nodes: [makeNode('Relu', ['a'], ['b'])],
      opsetImport: [],
    })),
  };
}

it('gives the same bytes in pieces as in one', () => {
  const model = everywhere();
  const whole = encodePieces(model, Number.POSITIVE_INFINITY);
  expect(whole).toHaveLength(1);
  for (const large of [1, 100, 200, 250]) {
    const pieces = encodePieces(model, large);
    expect(pieces.length).toBeGreaterThan(1);
    expect(joined(pieces).equals(joined(whole)), `from ${large} bytes on`).toBe(true);
  }
  expect(decodeModel(joined(whole))).toEqual(decodeModel(joined(encodePieces(model, 1))));
});

it('hands on large data as they are, not as copies', () => {
  const model = everywhere();
  const pieces = encodePieces(model, 250);
  expect(pieces).toContain(model.graph.initializers[0]!.rawData);
});
