/** What training takes is told before it begins: refused with figures and what to do, where a process would be ended by force. */
import { expect, test, vi } from 'vitest';
import type { TemperError } from '../../../src/errors.js';
import { finetune } from '../../../src/finetune/finetune.js';
import { checkTraining, type FinetuneOptions } from '../../../src/finetune/run/run.js';
import { completeSettings } from '../../../src/finetune/settings/settings.js';
import { memoryNeed } from '../../../src/finetune/start/memoryNeed.js';
import { stepOptionsOf } from '../../../src/finetune/start/stepOptions.js';
import { importModel } from '../../../src/import/importModel.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { patterns } from '../nets.js';

const dataset = patterns(40, { shape: [6] });
const [rows, columns] = [1000, 8];

/** A table, which no layer learns, and a layer. */
const model = makeModel(
  makeGraph({
    nodes: [
      makeNode('Cast', ['x'], ['ids'], { to: DataType.INT64 }),
      makeNode('Gather', ['table', 'ids'], ['found']),
      makeNode('ReduceMean', ['found'], ['mean'], { axes: [1], keepdims: 0 }),
      makeNode('MatMul', ['mean', 'w'], ['y']),
    ],
    initializers: [
      makeTensor('table', DataType.FLOAT, [rows, columns], new Float32Array(rows * columns).fill(0.5)),
      makeTensor('w', DataType.FLOAT, [columns, 4], new Float32Array(4 * columns).fill(0.1)),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, ['N', 6])],
    outputs: [tensorInfo('y', DataType.FLOAT, ['N', 4])],
  }),
  { opset: 17 },
);

const { network } = importModel(model);
const base: FinetuneOptions = {
  model,
  network,
  dataset,
  device: 'gaussian:0.1',
  batchSize: 8,
  epochs: 1,
};
const needOf = (options: Partial<FinetuneOptions>) => {
  const all = { ...base, ...options };
  return memoryNeed(model, stepOptionsOf(all, completeSettings(all, dataset), 36));
};

test('what is not trained costs once, what is trained several times, and more the more the optimizer keeps', () => {
  const weights = 4 * 4 * columns;
  const table = 4 * rows * columns;
  const { bytes, trained } = needOf({ optimizer: 'sgd' });
  expect(trained).toBe(weights);
  expect(bytes).toBeGreaterThan(table + 15 * weights);
  expect(bytes).toBeLessThan(table + 40 * weights);
  expect(needOf({ optimizer: 'adam' }).bytes).toBeGreaterThan(bytes);
  expect(needOf({ optimizer: 'sgd', method: 'plain', device: undefined }).bytes).toBeLessThan(bytes);
});

test('more than there is is refused before any work, with figures and what to do', async () => {
  const memory = 4 * rows * columns;
  const refusal = {
    kind: 'model',
    problems: [
      {
        what: expect.stringMatching(
          /training takes about \S+ GiB .* times the \S+ GiB of weights that are trained/,
        ),
        hint: expect.stringContaining('--max-memory'),
      },
    ],
  };
  let thrown: unknown;
  try {
    checkTraining({ ...base, memory });
  } catch (error) {
    thrown = error;
  }
  expect(thrown as TemperError).toMatchObject(refusal);
  const onProgress = vi.fn();
  await expect(finetune({ ...base, memory, onProgress })).rejects.toMatchObject(refusal);
  expect(onProgress).not.toHaveBeenCalled();
  expect(() => checkTraining({ ...base, memory: 2 * memory })).not.toThrow();
  expect(() => checkTraining(base)).not.toThrow();
});
