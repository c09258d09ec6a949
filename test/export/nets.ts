/** Small networks for the export tests. */
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Graph, type Model, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

export function weights(name: string, dims: number[], offset = 0): Tensor {
  const count = dims.reduce((a, b) => a * b, 1);
  const seed = [...name].reduce((a, c) => a * 31 + c.charCodeAt(0), 7) % 1000;
  const values = Array.from({ length: count }, (_, i) => Math.sin((i + seed) * 78.233) + offset);
  return makeTensor(name, DataType.FLOAT, dims, values);
}

/** conv - bn - relu - grouped conv - bn - relu - pool - flatten - gemm - softmax, in the forms of operator set `opset`. */
export function convNet(opset: number): Model {
  const graph: Graph = makeGraph({
    nodes: [
      makeNode('Conv', ['x', 'w1'], ['c1'], { pads: [1, 1, 1, 1] }, { name: 'conv1' }),
      makeNode(
        'BatchNormalization',
        ['c1', 'g1', 's1', 'm1', 'v1'],
        ['n1'],
        { epsilon: { float: 1e-3 } },
        { name: 'bn1' },
      ),
      makeNode('Relu', ['n1'], ['r1']),
      makeNode('Conv', ['r1', 'w2', 'b2'], ['c2'], { group: 2, strides: [2, 2] }, { name: 'conv2' }),
      makeNode('BatchNormalization', ['c2', 'g2', 's2', 'm2', 'v2'], ['n2'], {}, { name: 'bn2' }),
      makeNode('Relu', ['n2'], ['r2']),
      makeNode('GlobalAveragePool', ['r2'], ['p']),
      makeNode('Flatten', ['p'], ['f']),
      makeNode('Gemm', ['f', 'w3', 'b3'], ['logits'], { transB: 1 }, { name: 'fc' }),
      makeNode('Softmax', ['logits'], ['y']),
    ],
    initializers: [
      weights('w1', [4, 3, 3, 3]),
      weights('w2', [6, 2, 3, 3]),
      weights('b2', [6]),
      weights('w3', [5, 6]),
      weights('b3', [5]),
      ...['1', '2'].flatMap((n) => {
        const channels = n === '1' ? 4 : 6;
        return [
          weights(`g${n}`, [channels], 1),
          weights(`s${n}`, [channels]),
          weights(`m${n}`, [channels]),
          weights(`v${n}`, [channels], 1.5),
        ];
      }),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, ['N', 3, 8, 8])],
    outputs: [tensorInfo('logits', DataType.FLOAT, ['N', 5]), tensorInfo('y', DataType.FLOAT, ['N', 5])],
  });
  return makeModel(graph, { opset, irVersion: 8, metadata: { author: 'someone' }, producerName: 'test' });
}
