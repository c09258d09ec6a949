/** Stored values with which nothing can be computed, named before any work; and those that are meant. */
import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../src/cli/inspect/inspection.js';
import { TemperError } from '../../src/errors.js';
import { exportModel } from '../../src/export/exportModel.js';
import { checkModel } from '../../src/import/check.js';
import { importModel } from '../../src/import/importModel.js';
import { brokenValues } from '../../src/mapping/brokenValues.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model, type Tensor } from '../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../src/onnx/tensor.js';
import { verify } from '../../src/verify/verify.js';
import { convolutional, patterns } from '../finetune/nets.js';
import { model, node, weight } from '../network/onnxModels.js';

/** The network with some elements of its tensors replaced. */
function broken(changes: Record<string, [number, number][]>): Model {
  const file = convolutional();
  const initializers = file.graph.initializers.map((tensor): Tensor => {
    const values = Float32Array.from(tensorValues(tensor) as Float32Array);
    for (const [at, value] of changes[tensor.name] ?? []) values[at] = value;
    return makeTensor(tensor.name, DataType.FLOAT, [...tensor.dims], values);
  });
  return { ...file, graph: { ...file.graph, initializers } };
}

const cases: [string, Parameters<typeof broken>[0], RegExp][] = [
  ['a weight', { conv: [[2 * 18 + 9 + 3 + 2, Number.NaN]] }, /^"conv"\[2,1,1,2\] is NaN$/],
  [
    'infinite weights',
    {
      fc: [
        [1, Number.POSITIVE_INFINITY],
        [9, Number.NaN],
      ],
    },
    /^2 values are not finite: "fc"\[0,1\] is Infinity$/,
  ],
  ['a bias', { bias: [[3, Number.NaN]] }, /^"bias"\[3\] is NaN$/],
  ['a variance below zero', { variance: [[5, -0.5]] }, /^"variance"\[5\] is -0.5: nothing can be normalized/],
  ['an infinite mean', { mean: [[0, Number.NEGATIVE_INFINITY]] }, /^"mean"\[0\] is -Infinity$/],
];

describe('values that are not finite', () => {
  it.each(cases)('are named: %s', async (_, changes, message) => {
    const file = broken(changes);
    const told = brokenValues(file).map(({ what }) => what);
    expect(told).toEqual([expect.stringMatching(message)]);
    // What training, conversion and inspection go by.
    expect(checkModel(file).map(({ what }) => what)).toEqual(told);
    const found = inspectModel(file, { path: 'm.onnx', bytes: 0, sha256: '' });
    expect(found.unsupported.map(({ what }) => what)).toEqual(told);
    expect(found.unmapped.map(({ what }) => what)).toEqual(told);
    for (const options of [{}, { bits: 8 }, { bits: 8, foldBatchNorm: true }] as const)
      expect(() => exportModel(file, options), JSON.stringify(options)).toThrow(TemperError);
    const judged = verify({
      model: encodeModel(file),
      dataset: patterns(8),
      devices: ['gaussian:0.1'],
      draws: 1,
    });
    await expect(judged).rejects.toMatchObject({ kind: 'model', problems: [{ what: told[0] }] });
  });

  it('are all told at once, and none where there are none', () => {
    expect(brokenValues(broken({ conv: [[0, Number.NaN]], fc: [[0, Number.NaN]] }))).toHaveLength(2);
    expect(brokenValues(broken({}))).toEqual([]);
    // A variance of zero is that of a channel without an example that differs.
    expect(brokenValues(broken({ variance: [[0, 0]] }))).toEqual([]);
  });

  it('are let pass where they are meant: masks of attention, markers', () => {
    const mask = makeTensor('mask', DataType.FLOAT, [1, 2], [0, Number.NEGATIVE_INFINITY]);
    const masked = model(
      ['n', 2],
      [
        node('MatMul', ['x', 'w'], ['h']),
        node('Add', ['h', 'mask'], ['masked']),
        node('IsNaN', ['masked'], ['lost']),
        node('Where', ['lost', 'marker', 'masked'], ['y']),
      ],
      [weight('w', [2, 2]), mask, makeTensor('marker', DataType.FLOAT, [], [Number.NaN])],
    );
    expect(brokenValues(masked)).toEqual([]);
    expect(checkModel(masked)).toEqual([]);
    // Nor is a mask learned, as the bias would be that is added at its place.
    expect([...importModel(masked).network.parameters.keys()]).toEqual(['w']);
  });
});
