/** Real signals survive the way through half their spectrum, also where the length must be told. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { buildNetwork } from '../../src/network/network.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

beforeAll(() => tf.setBackend('cpu'));

it.each([2, 5, 6, 7])('a signal of %i samples', (samples) => {
  const graph = makeGraph({
    nodes: [
      makeNode('DFT', ['x', '', 'axis'], ['spectrum'], { onesided: 1 }),
      makeNode('DFT', ['spectrum', 'samples', 'axis'], ['y'], { onesided: 1, inverse: 1 }),
    ],
    initializers: [
      makeTensor('axis', DataType.INT64, [], [1]),
      makeTensor('samples', DataType.INT64, [], [samples]),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, [2, samples, 1])],
    outputs: [{ name: 'y' }],
  });
  const network = buildNetwork(makeModel(graph, { opset: 20, irVersion: 10 }));
  const values = randomStream('signal', samples).normals(2 * samples);
  const { y } = network.forward({}, { x: tf.tensor(values, [2, samples, 1]) }).outputs;
  expect(y!.shape).toEqual([2, samples, 1]);
  const errors = [...y!.dataSync()].map((value, i) => Math.abs(value - values[i]!));
  expect(Math.max(...errors)).toBeLessThan(1e-5);
});
