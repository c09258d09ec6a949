import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildNetwork } from '../../src/network/network.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';

beforeAll(() => tf.setBackend('cpu'));

interface Node {
  shapes: readonly (readonly number[])[];
  attributes?: Record<string, AttributeValue>;
  opset?: number;
  /** Outputs of the node, and of the graph. */
  outputs?: readonly string[];
  shown?: readonly string[];
}

function modelOf(type: string, node: Node): Model {
  const { shapes, attributes = {}, opset = 22, outputs = ['y'], shown = outputs } = node;
  const names = shapes.map((_, i) => `x${i}`);
  const graph = makeGraph({
    nodes: [makeNode(type, names, [...outputs], attributes)],
    inputs: shapes.map((shape, i) => tensorInfo(names[i]!, DataType.FLOAT, [...shape])),
    outputs: shown.map((name) => tensorInfo(name, DataType.FLOAT)),
  });
  return makeModel(graph, { opset, irVersion: 9 });
}

/** Positive values. */
function values({ shapes }: Node): { shape: number[]; data: Float32Array }[] {
  return shapes.map((shape, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return {
      shape: [...shape],
      data: randomStream('values', i)
        .uniforms(size)
        .map((u) => 0.1 + u),
    };
  });
}

function run(type: string, node: Node): Record<string, { shape: number[]; data: number[] }> {
  const feeds = Object.fromEntries(
    values(node).map(({ shape, data }, i) => [`x${i}`, tf.tensor(data, shape)]),
  );
  const { outputs } = buildNetwork(modelOf(type, node)).forward({}, feeds);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, y]) => [name, { shape: y.shape, data: [...y.dataSync()] }]),
  );
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => void expect(actual[i]).toBeCloseTo(value, 4));
}

describe('BatchNormalization before opset 14', () => {
  const shapes = [[3, 2, 4], [2], [2], [2], [2]];

  it.each([7, 9, 13])(
    'takes the statistics of the batch if it has further outputs (opset %i)',
    async (opset) => {
      const outputs = ['y', 'mean', 'var', 'saved_mean', 'saved_var'];
      const node = { shapes, opset, outputs, shown: ['y', 'mean', 'var'] };
      const session = await openSession(encodeModel(modelOf('BatchNormalization', node)), { threads: 1 });
      const feeds = values(node).map(({ shape, data }, i) => [`x${i}`, float32(shape, data)]);
      const expected = await session.run(Object.fromEntries(feeds));
      await session.release();
      const actual = run('BatchNormalization', node);
      for (const [name, { data }] of Object.entries(expected))
        expectClose(actual[name]!.data, Array.from(data, Number));
    },
  );

  it('refuses what only implementations exchange', () => {
    const outputs = ['y', 'mean', 'var', 'saved_mean', 'saved_var'];
    const node = { shapes, opset: 9, outputs };
    expect(() => run('BatchNormalization', node)).toThrow(/output 4 \("saved_mean"\) is not computed/);
  });
});

it('refuses running statistics of a BatchNormalization that is not in training mode', () => {
  const node = { shapes: [[3, 2, 4], [2], [2], [2], [2]], outputs: ['y', 'mean', 'var'] };
  expect(() => run('BatchNormalization', node)).toThrow(/training_mode is 0/);
});

describe('LRN', () => {
  // onnxruntime knows odd sizes and four axes only.
  it.each([
    [4, [2, 5, 3]],
    [2, [2, 3]],
    [3, [1, 4, 2, 1, 2]],
    [9, [2, 3, 2]],
  ])('averages the squares of %i channels of [%s]', (size, shape) => {
    const node = { shapes: [shape], attributes: { size, alpha: { float: 0.7 }, beta: { float: 0.6 } } };
    const [batch, channels] = shape as [number, number];
    const extent = shape.slice(2).reduce((a, b) => a * b, 1);
    const x = values(node)[0]!.data;
    const expected = [...x].map((value, i) => {
      const [n, c, at] = [Math.floor(i / extent / channels), Math.floor(i / extent) % channels, i % extent];
      const first = Math.max(0, c - Math.floor((size - 1) / 2));
      const last = Math.min(channels - 1, c + Math.ceil((size - 1) / 2));
      let sum = 0;
      for (let k = first; k <= last; k++) sum += x[(n * channels + k) * extent + at]! ** 2;
      return value / (1 + (0.7 / size) * sum) ** 0.6;
    });
    expect(x.length).toBe(batch * channels * extent);
    expectClose(run('LRN', node).y!.data, expected);
  });
});

it('gives zeros and finite slopes where LpNormalization and MeanVarianceNormalization meet equal values', () => {
  for (const [type, attributes] of [
    ['LpNormalization', { p: 1 }],
    ['LpNormalization', { p: 2 }],
    ['MeanVarianceNormalization', { axes: [1] }],
  ] as const) {
    const network = buildNetwork(modelOf(type, { shapes: [[2, 3]], attributes }));
    const gradient = tf.grad((x: tf.Tensor) => network.forward({}, { x0: x }).outputs.y!.sum());
    const x = tf.zeros([2, 3]);
    expect([...network.forward({}, { x0: x }).outputs.y!.dataSync()]).toEqual(Array(6).fill(0));
    expect([...gradient(x).dataSync()].every(Number.isFinite), type).toBe(true);
  }
});

it.each([
  ['GroupNormalization', { shapes: [[2, 5, 3], [5], [5]], attributes: { num_groups: 2 } }, /5 channels in 2/],
  ['GroupNormalization', { shapes: [[2, 4, 3], [2], [2]], attributes: { num_groups: 2 } }, /2 scales/],
  [
    'LayerNormalization',
    {
      shapes: [
        [2, 4],
        [2, 2, 4],
      ],
    },
    /\[2,2,4\] does not broadcast to \[2,4\]/,
  ],
  ['LpNormalization', { shapes: [[2, 4]], attributes: { p: 3 } }, /"p" = 3 is not supported/],
  ['LRN', { shapes: [[2, 4]], attributes: { size: 0 } }, /"size" = 0/],
] as const)('refuses %s %j', (type, node: Node, message) => {
  expect(() => run(type, node)).toThrow(message);
});

it('takes an operand without a second axis for one channel', () => {
  const shapes = [[4], [1], [1], [1], [1]];
  const [x, scale, shift, mean, variance] = values({ shapes }).map(({ data }) => data);
  const expected = [...x!].map(
    (v) => (scale![0]! * (v - mean![0]!)) / Math.sqrt(variance![0]! + 1e-5) + shift![0]!,
  );
  expectClose(run('BatchNormalization', { shapes }).y!.data, expected);
});
