import { makeGraph, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import type { Example } from '../example.js';

// Branches of an example see no values around it.
export const examples: readonly Example[] = [true, false].map((holds) => ({
  inputs: [{ bools: [Number(holds)] }],
  attributes: {
    then_branch: { graph: giving('yes', [1, 2]) },
    else_branch: { graph: giving('no', [3, 4]) },
  },
  opset: holds ? 25 : 7,
}));

/** A graph without inputs. */
function giving(name: string, values: number[]) {
  const tensor = makeTensor(name, DataType.FLOAT, [values.length], values);
  return makeGraph({
    nodes: [makeNode('Constant', [], [name], { value: { tensor } })],
    inputs: [],
    outputs: [tensorInfo(name, DataType.FLOAT)],
  });
}
