/** Small models, built node by node. */
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

export const node = makeNode;

/** A float32 initializer of random values. */
export function weight(name: string, dims: number[]): Tensor {
  const size = dims.reduce((product, extent) => product * extent, 1);
  return makeTensor(name, DataType.FLOAT, dims, randomStream('weight', name).normals(size));
}

export function int64(name: string, values: number[]): Tensor {
  return makeTensor(name, DataType.INT64, [values.length], values);
}

/** A model with the float input x; its output is y. */
export function model(
  inputShape: (number | string)[],
  nodes: Node[],
  initializers: Tensor[] = [],
  opset = 17,
): Model {
  const graph = makeGraph({
    nodes,
    initializers,
    inputs: [tensorInfo('x', DataType.FLOAT, inputShape)],
    outputs: [tensorInfo('y', DataType.FLOAT)],
  });
  return makeModel(graph, { opset, irVersion: 8 });
}
