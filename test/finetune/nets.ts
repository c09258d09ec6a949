/** Small ONNX models with drawn weights, and data sets they can learn. */
import type { Dataset } from '../../src/data/dataset.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

const float = (name: string, dims: number[], values: Float32Array): Tensor =>
  makeTensor(name, DataType.FLOAT, dims, values);

const filled = (name: string, size: number, value: number): Tensor =>
  float(name, [size], new Float32Array(size).fill(value));

function drawn(name: string, dims: number[], scale: number, dataType: number = DataType.FLOAT): Tensor {
  const size = dims.reduce((a, b) => a * b, 1);
  const values = randomStream('nets', name)
    .normals(size)
    .map((value) => value * scale);
  return makeTensor(name, dataType, dims, values);
}

/** Conv 3x3, BatchNormalization, Relu, GlobalAveragePool, Gemm: [2, 6, 6] -> `classes`; `last` = 'Softmax' adds one. */
export function convolutional({
  classes = 4,
  channels = 8,
  last,
}: {
  classes?: number;
  channels?: number;
  last?: string;
} = {}): Model {
  const logits = last ? 'logits' : 'y';
  return makeModel(
    makeGraph({
      nodes: [
        makeNode('Conv', ['x', 'conv'], ['c'], { pads: [1, 1, 1, 1] }, { name: 'conv' }),
        makeNode('BatchNormalization', ['c', 'scale', 'shift', 'mean', 'variance'], ['n']),
        makeNode('Relu', ['n'], ['r']),
        makeNode('GlobalAveragePool', ['r'], ['p']),
        makeNode('Flatten', ['p'], ['f']),
        makeNode('Gemm', ['f', 'fc', 'bias'], [logits], { transB: 1 }),
        ...(last ? [makeNode(last, [logits], ['y'], last === 'Softmax' ? { axis: 1 } : {})] : []),
      ],
      initializers: [
        drawn('conv', [channels, 2, 3, 3], 0.3),
        filled('scale', channels, 1),
        filled('shift', channels, 0),
        filled('mean', channels, 0),
        filled('variance', channels, 1),
        drawn('fc', [classes, channels], 0.5),
        filled('bias', classes, 0),
      ],
      inputs: [tensorInfo('x', DataType.FLOAT, [1, 2, 6, 6])],
      outputs: [tensorInfo('y', DataType.FLOAT, [1, classes])],
    }),
    { metadata: { author: 'nobody' } },
  );
}

/** y = Gemm(x): weights in an initializer of `dataType`, the bias in a Constant node. */
export function linear(inputs: number, outputs: number, dataType: number = DataType.FLOAT): Model {
  const cast = dataType !== DataType.FLOAT;
  return makeModel(
    makeGraph({
      nodes: [
        ...(cast ? [makeNode('Cast', ['w'], ['w32'], { to: DataType.FLOAT })] : []),
        makeNode('Constant', [], ['b'], { value: { tensor: filled('', outputs, 0) } }),
        makeNode('Gemm', ['x', cast ? 'w32' : 'w', 'b'], ['y']),
      ],
      initializers: [drawn('w', [inputs, outputs], 0.1, dataType)],
      inputs: [tensorInfo('x', DataType.FLOAT, ['N', inputs])],
      outputs: [tensorInfo('y', DataType.FLOAT, ['N', outputs])],
    }),
  );
}

/** `classes` pictures of noise; each example is one of them with more noise on top. */
export function patterns(count: number, { shape = [2, 6, 6], classes = 4, noise = 0.7 } = {}): Dataset {
  const size = shape.reduce((a, b) => a * b, 1);
  const centres = randomStream('patterns', 'centres').normals(classes * size);
  const examples = randomStream('patterns', 'examples').normals(count * size);
  const labels = Int32Array.from(randomStream('patterns', 'labels').integers(count, classes));
  for (let i = 0; i < examples.length; i++) {
    const example = Math.floor(i / size);
    examples[i] = centres[labels[example]! * size + (i % size)]! + noise * examples[i]!;
  }
  return { spec: 'patterns', split: 'train', count, shape, classes, examples, labels, files: [] };
}
