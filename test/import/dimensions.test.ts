/** Extents that a file leaves open: fixed by name, agreeing between inputs, and never written back. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../src/import/check.js';
import { openExtents } from '../../src/import/dimensions.js';
import { importModel } from '../../src/import/importModel.js';
import { makeGraph, makeModel, tensorInfo } from '../../src/onnx/build.js';
import { DataType } from '../../src/onnx/model.js';
import { node, weight } from '../network/onnxModels.js';

const graph = makeGraph({
  nodes: [
    node('Add', ['x', 'mask'], ['a']),
    node('Flatten', ['a'], ['f']),
    node('MatMul', ['f', 'w'], ['m']),
    node('Mul', ['m', 'k'], ['y']),
  ],
  initializers: [weight('w', [12, 2])],
  inputs: [
    tensorInfo('x', DataType.FLOAT, ['N', 'H', 3]),
    tensorInfo('mask', DataType.FLOAT, ['N', 'H', 1]),
    tensorInfo('k', DataType.FLOAT, ['N', undefined]),
  ],
  outputs: [tensorInfo('y', DataType.FLOAT)],
});
const model = makeModel(graph, { opset: 17, irVersion: 8 });
const dimensions = (values: Record<string, number>) => ({ dimensions: new Map(Object.entries(values)) });

describe('open extents', () => {
  it('are listed by name', () => {
    expect(openExtents(model).map(({ input, axis, symbol }) => `${input} ${axis} ${symbol}`)).toEqual([
      'x 0 N',
      'x 1 H',
      'mask 0 N',
      'mask 1 H',
      'k 0 N',
      'k 1 null',
    ]);
  });

  it('are fixed, so that shapes are checked, and stay open in the file', () => {
    const { network, notes, ...imported } = importModel(model, dimensions({ H: 4, 'k:1': 2 }));
    expect(network.inputs.map(({ shape }) => shape.slice(1))).toEqual([[4, 3], [4, 1], [2]]);
    expect(notes).toEqual([]);
    expect(imported.model).toBe(model);
    expect(checkModel(model, dimensions({ H: 5, 'k:1': 2 }))[0]!.what).toMatch(/^MatMul .*do not fit/);
    expect(importModel(model).notes).toEqual([expect.stringMatching(/^shapes were not checked/)]);
  });

  it('are refused under names that the model does not have, with those that it has', () => {
    const attempt = (values: Record<string, number>) => () => checkModel(model, dimensions(values));
    expect(attempt({ W: 4 })).toThrow(/no extent "W" open\n {2}hint: it leaves open: N, H, k:1/);
    expect(attempt({ 'x:1': 4 })).toThrow(/the extent x:1 has the name "H"\n {2}hint: give H=N/);
  });

  it('agree between inputs that share a name', async () => {
    await tf.setBackend('cpu');
    const { network } = importModel(model);
    const run = (rows: number) =>
      network.forward({}, { x: tf.ones([2, 4, 3]), mask: tf.ones([2, rows, 1]), k: tf.ones([2, 2]) });
    expect(run(4).outputs.y!.shape).toEqual([2, 2]);
    expect(() => run(1)).toThrow(/"H" is 4 in input "x" and 1 in input "mask"/);
  });
});
