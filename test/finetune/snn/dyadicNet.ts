/**
 * Random nets whose every value is a small multiple of a power of two: float32 computes them without rounding, in any
 * order, so that two engines must agree bit for bit.
 */
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Model, type Tensor } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { randomStream } from '../../../src/random/stream.js';

/** Multiples of 1/`unit` between -1 and 1. */
export function dyadic(size: number, unit: number, ...key: (string | number)[]): Float32Array {
  const draws = randomStream(...key).integers(size, 2 * unit + 1);
  return Float32Array.from(draws, (draw) => draw / unit - 1);
}

function weight(name: string, dims: number[], seed: number): Tensor {
  const size = dims.reduce((product, extent) => product * extent, 1);
  // Between -1/2 and 1/2, so that most neurons neither rest nor fire at every step.
  const values = dyadic(size, 16, 'weights', seed, name).map((value) => value / 2);
  return makeTensor(name, DataType.FLOAT, dims, values);
}

export interface DyadicOptions {
  readonly seed: number;
  readonly opset?: number;
  readonly softmax?: boolean;
}

/** conv-relu-pool-(conv-relu-conv + skip)-relu-pool-fc-relu-fc on [N, 2, 8, 8], 5 outputs. */
export function dyadicNet({ seed, opset = 17, softmax = false }: DyadicOptions): Model {
  const pads = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const pool = { kernel_shape: [2, 2], strides: [2, 2] };
  const nodes = [
    makeNode('Conv', ['x', 'w1', 'b1'], ['c1'], pads, { name: 'conv1' }),
    makeNode('Relu', ['c1'], ['r1'], {}, { name: 'relu1' }),
    makeNode('AveragePool', ['r1'], ['p1'], pool, { name: 'pool1' }),
    makeNode('Conv', ['p1', 'w2', 'b2'], ['c2'], pads, { name: 'conv2' }),
    makeNode('Relu', ['c2'], ['r2'], {}, { name: 'relu2' }),
    makeNode('Conv', ['r2', 'w3'], ['c3'], pads, { name: 'conv3' }),
    makeNode('Add', ['c3', 'p1'], ['sum'], {}, { name: 'skip' }),
    makeNode('Relu', ['sum'], ['r3'], {}, { name: 'relu3' }),
    makeNode('AveragePool', ['r3'], ['p2'], pool, { name: 'pool2' }),
    makeNode('Flatten', ['p2'], ['flat'], {}, { name: 'flatten' }),
    makeNode('Gemm', ['flat', 'w4', 'b4'], ['g1'], {}, { name: 'fc1' }),
    makeNode('Relu', ['g1'], ['r4'], {}, { name: 'relu4' }),
    makeNode('Gemm', ['r4', 'w5', 'b5'], ['logits'], { transB: 1 }, { name: 'fc2' }),
    ...(softmax ? [makeNode('Softmax', ['logits'], ['p'], { axis: 1 }, { name: 'softmax' })] : []),
  ];
  const initializers = [
    weight('w1', [4, 2, 3, 3], seed),
    weight('b1', [4], seed),
    weight('w2', [4, 4, 3, 3], seed),
    weight('b2', [4], seed),
    weight('w3', [4, 4, 3, 3], seed),
    weight('w4', [16, 6], seed),
    weight('b4', [6], seed),
    weight('w5', [5, 6], seed),
    weight('b5', [5], seed),
  ];
  const graph = makeGraph({
    name: 'dyadic',
    nodes,
    initializers,
    inputs: [tensorInfo('x', DataType.FLOAT, ['N', 2, 8, 8])],
    outputs: [tensorInfo(softmax ? 'p' : 'logits', DataType.FLOAT, ['N', 5])],
    valueInfo: [tensorInfo('r1', DataType.FLOAT, ['N', 4, 8, 8]), tensorInfo('g1', DataType.FLOAT, ['N', 6])],
  });
  return makeModel(graph, { opset, irVersion: opset < 9 ? 3 : 8, metadata: { author: 'test' } });
}

/** Thresholds for every neuron layer of `dyadicNet`, quarters. */
export const dyadicThresholds = new Map([
  ['r1', 1.25],
  ['r2', 1],
  ['r3', 1.75],
  ['r4', 0.75],
]);

export function dyadicInputs(examples: number, seed: number): Float32Array {
  return dyadic(examples * 2 * 8 * 8, 16, 'inputs', seed);
}
