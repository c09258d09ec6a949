/** Outputs that do not begin with the batch, as recurrent and CTC models have them. */
import { describe, expect, it } from 'vitest';
import { TemperError } from '../../../src/errors.js';
import { finetune } from '../../../src/finetune/finetune.js';
import { importModel } from '../../../src/import/importModel.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { randomStream } from '../../../src/random/stream.js';
import { patterns } from '../nets.js';
import { inputs, ownTargets, timeMajor, values } from '../timeMajor.js';

const settings = { method: 'plain', batchSize: 20, epochs: 1, validation: 0.2 } as const;

describe.each(['batch', 1])('an output [2, batch, 3], the batch %s', (batch) => {
  const model = timeMajor(batch);
  const { network, notes } = importModel(model);

  it('is told', () => {
    expect(notes.join('\n')).toMatch(/output "y" holds the examples along axis 1/);
  });

  it('is compared with the targets of each example', async () => {
    const dataset = await ownTargets(timeMajor(1), 60);
    const options = { ...settings, loss: 'mean-squared-error', schedule: { learningRate: 0 } } as const;
    const { history } = await finetune({ ...options, model, network, dataset });
    expect(history.start!.clean.loss).toBeLessThan(1e-10);
    expect(history.records[0]!.train.loss).toBeLessThan(1e-10);
  });

  it('is refused where labels name a row of scores', async () => {
    const dataset = patterns(60, { shape: [inputs], classes: 3 });
    const failure = finetune({ ...settings, model, network, dataset, loss: 'cross-entropy' });
    await expect(failure).rejects.toThrow(
      /"y" gives \[2,3\] for an example, and a label names one of 6 scores/,
    );
    await expect(failure).rejects.toBeInstanceOf(TemperError);
  });
});

it('refuses an output in which no axis is the batch', async () => {
  const graph = makeGraph({
    nodes: [makeNode('MatMul', ['x', 'W'], ['a']), makeNode('Reshape', ['a', 'all'], ['y'])],
    initializers: [
      makeTensor('W', DataType.FLOAT, [inputs, values], randomStream('w').normals(inputs * values)),
      makeTensor('all', DataType.INT64, [2], [3n, -1n]),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, ['N', inputs])],
    outputs: [tensorInfo('y', DataType.FLOAT)],
  });
  const model = makeModel(graph, { opset: 17, irVersion: 8 });
  const { network } = importModel(model);
  const dataset = patterns(60, { shape: [inputs], classes: 3 });
  await expect(finetune({ ...settings, model, network, dataset })).rejects.toThrow(
    /"y" is \[3,5\] for 5 examples and \[3,7\] for 7: which values belong to which example cannot be told/,
  );
});
