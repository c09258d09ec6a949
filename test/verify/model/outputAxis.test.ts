/** Outputs that do not begin with the batch, and batches whose examples change each other. */
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.js';
import { makeNode } from '../../../src/onnx/build.js';
import { encodeModel } from '../../../src/onnx/codec.js';
import { DataType, type Model, type Node } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { verify } from '../../../src/verify/verify.js';
import { patterns } from '../../finetune/nets.js';
import { inputs, ownTargets, timeMajor } from '../../finetune/timeMajor.js';
import * as net from '../models.js';

function judge(model: Model, dataset: Dataset) {
  const given = {
    model: encodeModel(model),
    dataset,
    devices: ['gaussian:0.2'],
    draws: 2,
    seed: 5,
    threads: 1,
  };
  return verify(given);
}

/** The MLP with more nodes behind it; its output has no declared shape. */
function mlpThen(
  batch: number | string,
  last: Node[],
  constants = [] as ReturnType<typeof makeTensor>[],
): Model {
  const nodes = [...net.mlpNodes.slice(0, 2), makeNode('MatMul', ['a', 'w2'], ['s']), ...last];
  const model = net.modelOf({ nodes, initializers: [net.w1, net.b1, net.w2, ...constants], batch });
  return {
    ...model,
    graph: { ...model.graph, outputs: [{ name: 'y', tensorType: { elemType: DataType.FLOAT } }] },
  };
}

describe.each(['batch', 1, 5])('an output [2, batch, 3], the batch %s', (batch) => {
  it('is compared with the targets of each example', async () => {
    const dataset = await ownTargets(timeMajor(1), 42);
    const { clean, batch: fed, runs } = await judge(timeMajor(batch), dataset);
    expect(clean.mse).toBeLessThan(1e-10);
    // Noise is still told from it.
    expect(runs[0]!.draws[0]!.mse).toBeGreaterThan(1e-3);
    expect(fed.reopened).toBe(batch !== 'batch');
  });

  it('is refused where labels name a row of scores', async () => {
    await expect(judge(timeMajor(batch), patterns(42, { shape: [inputs], classes: 3 }))).rejects.toThrow(
      /output "y" is \[2,3\] for an example, and a label names one score of a row/,
    );
  });
});

it.each(['N', 1, 4])('an output [classes, batch] is scored as its transpose, the batch %s', async (batch) => {
  const dataset = await net.datasetFor(net.modelOf(), 60);
  const turned = await judge(mlpThen(batch, [makeNode('Transpose', ['s'], ['y'])]), dataset);
  const plain = await judge(net.modelOf(), dataset);
  expect(turned.clean).toEqual(plain.clean);
  expect(turned.runs[0]!.draws).toEqual(plain.runs[0]!.draws);
});

it('an output in which examples cannot be told apart is refused', async () => {
  const shape = makeTensor('shape', DataType.INT64, [2], [BigInt(net.classes), -1n]);
  const dataset = await net.datasetFor(net.modelOf(), 60);
  const model = mlpThen('N', [makeNode('Reshape', ['s', 'shape'], ['y'])], [shape]);
  await expect(judge(model, dataset)).rejects.toThrow(/which values belong to which example cannot be told/);
});

// With 32 the sample that a reopened batch is compared on is one batch of the file.
it.each([2, 32])(
  'a batch of %i whose examples change each other is judged as the file is fed',
  async (batch) => {
    const axis = makeTensor('axis', DataType.INT64, [], [0n]);
    const model = mlpThen(batch, [makeNode('CumSum', ['s', 'axis'], ['y'])], [axis]);
    const dataset = await net.datasetFor(model, 70);
    const report = await judge(model, dataset);
    expect(report.batch).toEqual({ size: batch, fixed: true, reopened: false });
    expect(report.clean.accuracy).toBe(1);
    expect(report.notes.join()).toMatch(
      new RegExp(
        `examples of a batch change each other's outputs: .* ${batch} at a time, as the file wants them`,
      ),
    );
  },
);

it('an open batch whose examples change each other is told', async () => {
  const nodes = [makeNode('ReduceMean', ['s'], ['m'], { axes: [0] }), makeNode('Sub', ['s', 'm'], ['y'])];
  const dataset = await net.datasetFor(net.modelOf(), 60);
  const { notes } = await judge(
    { ...mlpThen('N', nodes), opsetImport: [{ domain: '', version: 17 }] },
    dataset,
  );
  expect(notes.join()).toMatch(/examples of a batch change each other's outputs/);
});
