import { makeGraph, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType } from '../../../src/onnx/model.js';
import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: 3 }, null, [2, 3]], attributes: { body: { graph: growing([]) } }, outputs: 2 },
  {
    inputs: [{ ints: [0] }, { bools: [1] }, [2, 3]],
    attributes: { body: { graph: growing([1]) } },
    opset: 11,
    outputs: 2,
  },
];

/** v + x of the graph around, collected on the way. */
function growing(going: number[]) {
  const types = [tensorInfo('i', DataType.INT64, []), tensorInfo('going', DataType.BOOL, going)];
  return makeGraph({
    nodes: [
      makeNode('Identity', ['going'], ['still']),
      makeNode('Add', ['v', 'input_2'], ['next']),
      makeNode('Mul', ['next', 'v'], ['seen']),
    ],
    inputs: [...types, tensorInfo('v', DataType.FLOAT)],
    outputs: [
      tensorInfo('still', DataType.BOOL, going),
      tensorInfo('next', DataType.FLOAT),
      tensorInfo('seen', DataType.FLOAT, [2, 3]),
    ],
  });
}
