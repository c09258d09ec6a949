/** A batch fixed in the file: other batches run, example by example the same; what would mix examples is refused. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import { makeGraph, makeModel, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { int64, model, node, weight } from './onnxModels.js';

beforeAll(() => tf.setBackend('cpu'));

/** Outputs of a batch of four against those of its examples, one by one. */
function expectSamePerExample(file: Model, example: number[]): void {
  const { network } = importModel(file);
  const x = tf.randomUniform([4, ...example], -1, 1, 'float32', 7);
  const y = (batch: tf.Tensor) => network.forward({}, { x: batch }).outputs.y!;
  const together = y(x);
  expect(together.shape[0]).toBe(4);
  const apart = tf.concat([0, 1, 2, 3].map((i) => y(x.slice([i], [1]))));
  expect(together.sub(apart).abs().max().dataSync()[0]).toBeLessThan(1e-6);
}

describe('a batch of 1 in the file', () => {
  it.each([[[1, 12]], [[1, -1]], [[-1, 12]], [[0, 12]], [[1, 2, 6]]])(
    'Reshape to %s keeps examples apart',
    (shape) => {
      const nodes = [node('Relu', ['x'], ['r']), node('Reshape', ['r', 'shape'], ['y'])];
      expectSamePerExample(model([1, 3, 4], nodes, [int64('shape', shape)]), [3, 4]);
    },
  );

  it('follows the batch through Transpose and back', () => {
    const nodes = [
      node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
      node('Transpose', ['t'], ['u'], { perm: [1, 0, 2] }),
      node('Reshape', ['u', 'shape'], ['y']),
    ];
    expectSamePerExample(model([1, 3, 4], nodes, [int64('shape', [1, 12])]), [3, 4]);
  });

  it('takes shape arithmetic as it comes', () => {
    const nodes = [
      node('Shape', ['x'], ['s']),
      node('Gather', ['s', 'zero'], ['b'], { axis: 0 }),
      node('Concat', ['b', 'rest'], ['shape'], { axis: 0 }),
      node('Reshape', ['x', 'shape'], ['y']),
    ];
    expectSamePerExample(model([1, 3, 4], nodes, [int64('zero', [0]), int64('rest', [-1])]), [3, 4]);
  });

  it('leaves a reshaped weight alone', () => {
    const nodes = [node('Reshape', ['w', 'shape'], ['v']), node('MatMul', ['x', 'v'], ['y'])];
    expectSamePerExample(model([1, 6], nodes, [weight('w', [1, 2, 3, 5]), int64('shape', [6, 5])]), [6]);
  });

  it.each([[[12]], [[2, 6]], [[3, -1]]])('refuses Reshape to %s, which would mix examples', (shape) => {
    const file = model([1, 3, 4], [node('Reshape', ['x', 'shape'], ['y'])], [int64('shape', shape)]);
    expect(() => importModel(file)).toThrow(/fits only the file's batch of 1[\s\S]*dynamic batch/);
  });

  it('refuses a constant Reshape where the batch is not the first axis', () => {
    const nodes = [
      node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
      node('Reshape', ['t', 'shape'], ['y']),
    ];
    expect(() => importModel(model([1, 3, 4], nodes, [int64('shape', [3, 4])]))).toThrow(/fits only/);
  });

  it.each([
    ['Resize', ['r', '', '', 'shape'], [1, 2, 5, 3]],
    ['CenterCropPad', ['r', 'shape'], [1, 2, 3, 5]],
  ] as const)('%s to a constant shape keeps examples apart', (opType, inputs, shape) => {
    const nodes = [node('Relu', ['x'], ['r']), node(opType, [...inputs], ['y'])];
    expectSamePerExample(model([1, 2, 4, 4], nodes, [int64('shape', [...shape])], 18), [2, 4, 4]);
  });

  it('refuses a Resize to a constant shape where the batch is not the first axis', () => {
    const nodes = [
      node('Transpose', ['x'], ['t'], { perm: [1, 2, 3, 0] }),
      node('Resize', ['t', '', '', 'shape'], ['y']),
    ];
    const file = model([1, 2, 4, 4], nodes, [int64('shape', [2, 8, 8, 1])], 18);
    expect(() => importModel(file)).toThrow(/fits only the file's batch of 1/);
  });

  // Keras normalizes a layer as one "picture" with a channel for each row of each example.
  it.each([
    ['ReduceMean', { axes: [0, 2] }],
    ['ReduceMax', {}],
    ['Softmax', { axis: 0 }],
    ['LogSoftmax', { axis: -3 }],
  ])('refuses %s over the batch, which would mix examples', (opType, attributes) => {
    const nodes = [
      node('Relu', ['x'], ['r']),
      node(opType, ['r'], ['m'], attributes),
      node('Sub', ['r', 'm'], ['y']),
    ];
    expect(() => importModel(model([1, 3, 4], nodes, []))).toThrow(/would mix examples[\s\S]*dynamic batch/);
  });

  const countedFrom = (start: number) => [
    node('Shape', ['x'], ['s'], { start }),
    node('ReduceProd', ['s'], ['n'], { keepdims: 0 }),
    node('Cast', ['n'], ['f'], { to: 1 }),
    node('Div', ['x', 'f'], ['y']),
  ];

  it('lets the shape of an example be reduced', () => {
    expectSamePerExample(model([1, 3, 4], countedFrom(1), []), [3, 4]);
  });

  it('refuses values that depend on how many examples there are', () => {
    expect(() => importModel(model([1, 3, 4], countedFrom(0), []))).toThrow(
      /Div \(opset 17\): an operand depends on how many examples there are[\s\S]*node #3/,
    );
  });

  it('is named as the reason where only another batch has a problem', () => {
    const state = weight('h', [1, 2, 4]);
    const nodes = [node('Concat', ['x', 'h'], ['y'], { axis: 1 })];
    expect(() => importModel(model([1, 3, 4], nodes, [state]))).toThrow(/fits only its own batch of 1/);
    const misfit = weight('h', [1, 2, 5]);
    expect(() => importModel(model([1, 3, 4], nodes, [misfit]))).not.toThrow(/fits only its own batch/);
    expect(() => importModel(model([1, 3, 4], nodes, [misfit]))).toThrow(/do not fit/);
  });

  it('is told in a note', () => {
    const file = model([1, 3, 4], [node('Reshape', ['x', 'shape'], ['y'])], [int64('shape', [1, 12])]);
    expect(importModel(file).notes.join('\n')).toMatch(/constant shape \[1,12\] is read as \[batch, 12\]/);
  });
});

/** Valid files in which an operator runs along axis 0; with the file's batch that is harmless. */
const mixing: [string, number[], Node[], Tensor[]][] = [
  [
    'Gather',
    [1, 4],
    [node('Gather', ['x', 'i'], ['g'], { axis: 0 }), node('Add', ['x', 'g'], ['y'])],
    [int64('i', [0])],
  ],
  ['CumSum', [1, 4], [node('CumSum', ['x', 'i'], ['y'])], [int64('i', [0])]],
  [
    'Einsum',
    [1, 4],
    [node('Einsum', ['x'], ['g'], { equation: 'bi->i' }), node('Add', ['x', 'g'], ['y'])],
    [],
  ],
  [
    'MatMul',
    [1, 4],
    [node('Transpose', ['x'], ['t']), node('MatMul', ['t', 'x'], ['g']), node('MatMul', ['x', 'g'], ['y'])],
    [],
  ],
  [
    'Conv',
    [1, 2, 4],
    [
      node('Transpose', ['x'], ['t'], { perm: [1, 2, 0] }),
      node('Conv', ['t', 'w'], ['c'], { pads: [1, 1] }),
      node('Transpose', ['c'], ['y'], { perm: [2, 0, 1] }),
    ],
    [weight('w', [4, 4, 3])],
  ],
  ['Hardmax', [1, 4], [node('Hardmax', ['x'], ['y'], { axis: 0 })], []],
  ['LpNormalization', [1, 4], [node('LpNormalization', ['x'], ['y'], { axis: 0 })], []],
  [
    'MeanVarianceNormalization',
    [1, 4, 3, 3],
    [node('MeanVarianceNormalization', ['x'], ['y'], { axes: [0, 2, 3] })],
    [],
  ],
  [
    'ReduceMean',
    [1, 4],
    [
      node('Reshape', ['x', 'i'], ['h']),
      node('ReduceMean', ['h'], ['m'], { axes: [0] }),
      node('Add', ['x', 'm'], ['y']),
    ],
    [int64('i', [-1])],
  ],
  [
    'ScatterND',
    [1, 4],
    [node('ScatterND', ['x', 'i', 'u'], ['y'])],
    [makeTensor('i', DataType.INT64, [1, 1], [0n]), weight('u', [1, 4])],
  ],
  [
    'Slice',
    [1, 4],
    [node('Slice', ['x', 'm', 'e', 'i', 'm'], ['z']), node('Add', ['x', 'z'], ['y'])],
    [int64('m', [-1]), int64('e', [-99]), int64('i', [0])],
  ],
  [
    'TopK',
    [1, 4],
    [node('TopK', ['x', 'k'], ['v', 'p'], { axis: 0 }), node('Add', ['x', 'v'], ['y'])],
    [int64('k', [1])],
  ],
  [
    'ReverseSequence',
    [2, 4],
    [node('ReverseSequence', ['x', 'l'], ['y'], { batch_axis: 1, time_axis: 0 })],
    [int64('l', [2, 2, 2, 2])],
  ],
  ['Squeeze', [1, 4], [node('Squeeze', ['x'], ['s']), node('Softmax', ['s'], ['y'], { axis: 0 })], []],
  [
    'DynamicQuantizeLinear',
    [1, 4],
    [node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']), node('DequantizeLinear', ['q', 's', 'z'], ['y'])],
    [],
  ],
  // Accepted once, as the trial batch was 3.
  ['Add', [1, 4], [node('Add', ['x', 'c'], ['y'])], [weight('c', [3, 4])]],
  ['MatMul', [1, 3, 4], [node('MatMul', ['x', 'c'], ['y'])], [weight('c', [3, 4, 2])]],
];

describe('a file that mixes the examples of another batch', () => {
  it.each(mixing)('is refused, with the node: %s', (opType, shape, nodes, initializers) => {
    const file = model(shape, nodes, initializers);
    expect(() => importModel(file)).toThrow(new RegExp(`^${opType} \\(opset 17\\)[\\s\\S]*at node #`));
    expect(() => importModel(file)).toThrow(/export (the model|it) with a dynamic batch dimension/);
  });

  it('may do so with an open batch: then it means it', () => {
    const nodes = [node('ReduceMean', ['x'], ['m'], { axes: [0] }), node('Sub', ['x', 'm'], ['y'])];
    const { network } = importModel(model(['N', 4], nodes));
    const x = tf.tensor([
      [1, 2, 3, 4],
      [3, 2, 1, 0],
    ]);
    expect(Array.from(network.forward({}, { x }).outputs.y!.dataSync())).toEqual([-1, 0, 1, 2, 1, 0, -1, -2]);
  });
});

describe('the batch that a network is tried with', () => {
  it.each([3, 5, 7, 11])('is none that stands in the file: %i', (extent) => {
    const file = model(['N', 4], [node('Add', ['x', 'c'], ['y'])], [weight('c', [extent, 4])]);
    expect(() => importModel(file)).toThrow(/do not broadcast/);
  });

  it.each([[[3, 5]], [[5, 3]], [[7, 1]]])('is found where inputs fix %s', ([first, second]) => {
    const graph = makeGraph({
      nodes: [node('MatMul', ['x', 'w'], ['y']), node('Relu', ['z'], ['r'])],
      initializers: [weight('w', [4, 3])],
      inputs: [tensorInfo('x', DataType.FLOAT, [first!, 4]), tensorInfo('z', DataType.FLOAT, [second!, 4])],
      outputs: [tensorInfo('y', DataType.FLOAT), tensorInfo('r', DataType.FLOAT)],
    });
    expect(importModel(makeModel(graph, { opset: 17, irVersion: 8 })).network.inputs).toHaveLength(2);
  });
});
