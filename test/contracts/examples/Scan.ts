import { makeGraph, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType } from '../../../src/onnx/model.js';
import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3], [4, 3]], attributes: { num_scan_inputs: 1, body: { graph: summing() } }, outputs: 2 },
  {
    inputs: [[2], [2, 3]],
    attributes: {
      num_scan_inputs: 1,
      scan_input_axes: [-1],
      scan_input_directions: [1],
      scan_output_axes: [1],
      scan_output_directions: [1],
      body: { graph: summing() },
    },
    outputs: 2,
  },
  {
    inputs: [null, [2, 3], [2, 4, 3]],
    attributes: { num_scan_inputs: 1, directions: [1], body: { graph: summing() } },
    opset: 8,
    outputs: 2,
  },
];

/** The running sum of the slices, and its square at each. */
function summing() {
  return makeGraph({
    nodes: [makeNode('Add', ['sum', 'x'], ['next']), makeNode('Mul', ['next', 'next'], ['square'])],
    inputs: [tensorInfo('sum', DataType.FLOAT), tensorInfo('x', DataType.FLOAT)],
    outputs: [tensorInfo('next', DataType.FLOAT), tensorInfo('square', DataType.FLOAT)],
  });
}
