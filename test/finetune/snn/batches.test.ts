import { expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.js';
import { calibrationBatches } from '../../../src/finetune/snn/batches.js';
import { buildNetwork } from '../../../src/network/network.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType } from '../../../src/onnx/model.js';

const dataset: Dataset = {
  spec: 'npz:toy:train',
  split: 'train',
  count: 10,
  shape: [1, 2, 2],
  classes: 2,
  examples: Float32Array.from({ length: 40 }, (_, i) => Math.floor(i / 4)),
  labels: new Int32Array(10),
  files: [],
};
const normalization = { mean: [0], std: [1] };

function networkOf(shape: (number | string)[]) {
  const graph = makeGraph({
    nodes: [makeNode('Relu', ['x'], ['y'])],
    inputs: [tensorInfo('x', DataType.FLOAT, shape)],
    outputs: [tensorInfo('y', DataType.FLOAT, shape)],
  });
  return buildNetwork(makeModel(graph));
}

const examplesOf = (seed: number, examples: number, shape: (number | string)[] = ['N', 4]) => {
  const data = { dataset, normalization, examples, batchSize: 4, seed };
  return [...calibrationBatches(networkOf(shape), data)].map(({ x }) => x!);
};

it('gives a seeded choice of distinct examples in the shape the network takes', () => {
  const batches = examplesOf(1, 6);
  expect(batches.map(({ dims }) => dims)).toEqual([
    [4, 4],
    [2, 4],
  ]);
  const chosen = batches.flatMap(({ data }) => [...(data as Float32Array)]).filter((_, i) => i % 4 === 0);
  expect(new Set(chosen).size).toBe(6);
  expect(examplesOf(1, 6)).toEqual(batches);
  expect(examplesOf(2, 6)).not.toEqual(batches);
});

it('gives all examples if fewer are there than asked for', () => {
  expect(examplesOf(1, 1000, [1, 1, 2, 2]).map(({ dims }) => dims[0])).toEqual([4, 4, 2]);
});

it('refuses data of another size than the network takes', () => {
  expect(() => examplesOf(1, 6, ['N', 5])).toThrow(/takes x \[\?,5\]; the data have examples \[1,2,2\]/);
});
