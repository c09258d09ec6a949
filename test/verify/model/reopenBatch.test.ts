import { expect, test } from 'vitest';
import { makeNode } from '../../../src/onnx/build.js';
import { encodeModel } from '../../../src/onnx/codec.js';
import { DataType, type Model, type Node, type Tensor } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { verify } from '../../../src/verify/verify.js';
import * as net from '../models.js';

const { inputs, hidden, classes } = net;

function judge(model: Model, dataset: Awaited<ReturnType<typeof net.datasetFor>>) {
  return verify({
    model: encodeModel(model),
    dataset,
    devices: ['gaussian:0.2'],
    draws: 3,
    seed: 5,
    threads: 1,
  });
}

/** The MLP with a Reshape to a shape that names the batch size, as exporters with a fixed batch write it. */
function reshaping(batch: number, shape: bigint[], asNode: boolean, allowzero?: number): Model {
  const tensor: Tensor = makeTensor('shape', DataType.INT64, [shape.length], shape);
  const nodes: Node[] = [
    ...(asNode ? [makeNode('Constant', [], ['shape'], { value: { tensor } })] : []),
    net.mlpNodes[0]!,
    makeNode('Reshape', ['h', 'shape'], ['flat'], { allowzero }),
    makeNode('Relu', ['flat'], ['a']),
    net.mlpNodes[2]!,
  ];
  return net.modelOf({
    nodes,
    initializers: [net.w1, net.b1, net.w2, ...(asNode ? [] : [tensor])],
    batch,
  });
}

test.each([
  ['no shapes inside', net.modelOf({ batch: 1 })],
  ['a constant Reshape', reshaping(1, [1n, BigInt(hidden)], false)],
  ['a constant Reshape with -1', reshaping(1, [1n, -1n], false)],
  ['a constant Reshape with allowzero', reshaping(1, [1n, BigInt(hidden)], false, 1)],
  ['a Reshape from a Constant node', reshaping(1, [1n, BigInt(hidden)], true)],
])('a batch fixed at 1 is opened, and the scores stay: %s', async (_, model) => {
  const dataset = await net.datasetFor(net.modelOf(), 100);
  const report = await judge(model, dataset);
  expect(report.batch).toEqual({ size: 256, fixed: false, reopened: true });
  expect(report.model.input.dims).toEqual([1, inputs]);
  expect(report.notes.join()).toMatch(/fixes its batch at 1; examples were judged 256 at a time/);
  const free = await judge(net.modelOf(), dataset);
  expect(report.runs[0]!.draws).toEqual(free.runs[0]!.draws);
});

test('a model whose examples would mix in a larger batch is judged one by one', async () => {
  // Normalised over the batch axis: harmless (a constant) for one example at a time, another function for many.
  const nodes = [
    net.mlpNodes[0]!,
    makeNode('ReduceMean', ['h', 'axis'], ['mean'], { keepdims: 1 }),
    makeNode('Add', ['h', 'mean'], ['sum']),
    makeNode('Relu', ['sum'], ['a']),
    net.mlpNodes[2]!,
  ];
  const axis = makeTensor('axis', DataType.INT64, [1], [0n]);
  const model = net.modelOf({ nodes, initializers: [net.w1, net.b1, net.w2, axis], batch: 1 });
  const dataset = await net.datasetFor(model, 40);
  const report = await judge(model, dataset);
  expect(report.batch).toEqual({ size: 1, fixed: true, reopened: false });
  expect(report.clean.accuracy).toBe(1);
  expect(report.notes.join()).toMatch(/could not be shown to work with larger ones/);
});

test('a batch fixed at 16 that cannot be opened is filled up at the end of the data', async () => {
  const shape = makeTensor('shape', DataType.INT64, [2], [16n, BigInt(classes)]);
  const nodes = [...net.mlpNodes.slice(0, 2), makeNode('MatMul', ['a', 'w2'], ['s'])];
  // Expand to the fixed shape: right for 16 only.
  const model = net.modelOf({
    nodes: [...nodes, makeNode('Expand', ['zero', 'shape'], ['bias']), makeNode('Add', ['s', 'bias'], ['y'])],
    initializers: [net.w1, net.b1, net.w2, shape, net.floatTensor('zero', [1, 1], [0])],
    batch: 16,
  });
  const dataset = await net.datasetFor(net.modelOf(), 40);
  const report = await judge(model, dataset);
  expect(report.batch).toEqual({ size: 16, fixed: true, reopened: false });
  expect(report.clean.accuracy).toBe(1);
  const free = await judge(net.modelOf(), dataset);
  expect(report.runs[0]!.draws).toEqual(free.runs[0]!.draws);
});

test('decisions too close for another order of summation are taken in the form of the file', async () => {
  // Two equal columns: wherever they are highest, the decision is a tie, and goes back to one example at a time.
  const values = net.normals('w2', hidden * classes);
  for (let h = 0; h < hidden; h++) values[h * classes + 1] = values[h * classes]!;
  const initializers = [net.w1, net.b1, net.floatTensor('w2', [hidden, classes], values)];
  const dataset = await net.datasetFor(net.modelOf({ initializers }), 60);
  const fixed = await judge(net.modelOf({ initializers, batch: 1 }), dataset);
  const free = await judge(net.modelOf({ initializers }), dataset);
  expect(fixed.batch.reopened).toBe(true);
  expect(fixed.clean.ties).toBeGreaterThan(0);
  expect(fixed.clean).toEqual(free.clean);
  expect(fixed.runs[0]!.draws).toEqual(free.runs[0]!.draws);
});
