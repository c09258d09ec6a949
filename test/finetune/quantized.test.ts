/** Fine-tuning of models whose weights are stored as codes: the codes are trained, and nothing else changes. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { validationSplit } from '../../src/data/epoch.js';
import { exportModel } from '../../src/export/exportModel.js';
import { finetune } from '../../src/finetune/finetune.js';
import type { FinetuneOptions } from '../../src/finetune/run/run.js';
import { importModel } from '../../src/import/importModel.js';
import { buildNetwork } from '../../src/network/network.js';
import { encodeModel } from '../../src/onnx/codec.js';
import type { Model, Tensor } from '../../src/onnx/model.js';
import { tensorValues } from '../../src/onnx/tensor.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { verify } from '../../src/verify/verify.js';
import { convolutional, linear, patterns } from './nets.js';
import { awareNet, dynamicNet, operatorNet, staticNet } from './quantizedNets.js';

const dataset = patterns(240, { noise: 0.4 });
const train = (model: Model, options: Partial<FinetuneOptions> = {}) =>
  finetune({
    model,
    network: importModel(model).network,
    dataset,
    batchSize: 20,
    epochs: 6,
    validation: 0.2,
    validationChips: 4,
    device: 'gaussian:0.1',
    optimizer: 'sgd',
    schedule: { learningRate: 0.1 },
    ...options,
  });

const bytesOf = (model: Model) => Buffer.from(encodeModel(model)).toString('base64');
const exported = (bits: 8 | 4) => exportModel(convolutional(), { bits }).model;

const nets: [string, () => Model, string[]][] = [
  ['our own export, 8 bits', () => exported(8), ['conv_codes', 'fc_codes']],
  ['our own export, 4 bits', () => exported(4), ['conv_codes', 'fc_codes']],
  ['quantized activations and biases', staticNet, ['conv', 'fc', 'bias']],
  ['quantization-aware training', awareNet, ['conv', 'fc', 'bias']],
  ['operators on codes', operatorNet, ['conv', 'matrix', 'bias']],
  ['dynamic quantization', dynamicNet, ['w']],
];

describe.each(nets)('%s', (_, make, trainable) => {
  const model = make();

  it('computes what onnxruntime computes', async () => {
    const session = await openSession(encodeModel(model), { threads: 1, optimization: 'disabled' });
    const shape = [1, 2, 6, 6];
    const examples = dataset.examples.slice(0, 72) as Float32Array;
    const expected = (await session.run({ x: float32(shape, examples) })).y!.data as Float32Array;
    await session.release();
    await tf.setBackend('cpu');
    const network = buildNetwork(model);
    const y = network.forward({}, { x: tf.tensor(examples, shape) }).outputs.y!.dataSync();
    for (const [i, value] of expected.entries()) expect(y[i]).toBeCloseTo(value, 4);
    const given = Object.fromEntries(
      [...network.parameters].map(([name, { values, shape: dims }]) => [name, tf.tensor(values, [...dims])]),
    );
    const same = network.forward(given, { x: tf.tensor(examples, shape) }).outputs.y!.dataSync();
    for (const [i, value] of expected.entries()) expect(same[i]).toBeCloseTo(value, 4);
  });

  it('trains codes, and every code stays one of its type', async () => {
    const { history } = await train(model);
    // Whatever is chosen in the end: what training made of it.
    const { model: trained } = await train(model, { validation: 0 });
    const [first, best] = [history.start!, history.records[history.best!]!];
    expect(best.validation!.noisy!.loss).toBeLessThan(0.8 * first.noisy!.loss);
    const floats = ['scale', 'shift', 'mean', 'variance', 'bias'];
    const changed = model.graph.initializers.filter(
      (tensor, i) => !sameValues(tensor, trained.graph.initializers[i]!),
    );
    const names = changed.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(trainable));
    expect([...trainable, ...floats]).toEqual(expect.arrayContaining(names));
    expect(trained.graph.initializers.map(form)).toEqual(model.graph.initializers.map(form));
    expect(trained.graph.nodes).toEqual(model.graph.nodes);
  });

  it('stays byte for byte without a learning rate', async () => {
    const { model: same } = await train(model, {
      epochs: 1,
      clip: 0,
      batchNorm: 'frozen',
      schedule: { learningRate: 0 },
    });
    expect(bytesOf(same)).toBe(bytesOf(model));
  });
});

function form({ name, dataType, dims }: Tensor) {
  return { name, dataType, dims };
}

function sameValues(a: Tensor, b: Tensor): boolean {
  const [x, y] = [tensorValues(a), tensorValues(b)] as [ArrayLike<number>, ArrayLike<number>];
  return Array.from(x).every((value, i) => value === y[i]);
}

it.each([
  ['stored codes', staticNet],
  ['quantization-aware training', awareNet],
])('is judged by verification as the trainer judged it: %s', async (_, make) => {
  const { model, history, settings } = await train(make(), { validation: 0.5 });
  const { validation } = validationSplit(dataset, settings.validation, settings.seed);
  const { clean, noisy } = history.records[history.best!]!.validation!;
  const report = await verify({
    model: encodeModel(model),
    dataset: subset(dataset, validation),
    devices: ['gaussian:0.1'],
    draws: 16,
    threads: 1,
  });
  expect(clean.accuracy).toBeGreaterThan(0.8);
  expect(Math.abs(report.clean.accuracy! - clean.accuracy!)).toBeLessThan(0.001);
  expect(Math.abs(report.runs[0]!.accuracy!.mean - noisy!.accuracy!)).toBeLessThan(0.1);
});

/** These examples only. */
function subset(all: Dataset, indices: Uint32Array): Dataset {
  const size = all.examples.length / all.count;
  return {
    ...all,
    count: indices.length,
    examples: Float32Array.from(
      { length: indices.length * size },
      (_, i) => all.examples[indices[Math.floor(i / size)]! * size + (i % size)]!,
    ),
    labels: Int32Array.from(indices, (index) => all.labels![index]!),
  };
}

describe('the noise of a chip', () => {
  const model = exportModel(linear(3, 2), { bits: 8 }).model;
  const network = buildNetwork(model);
  const codes = [...network.parameters.values()].find(({ grid }) => grid)!;
  beforeAll(() => tf.setBackend('cpu'));

  it('comes after rounding: weights off their grid are not rounded again', () => {
    const moved = codes.values.map((weight, i) => weight + codes.grid!.scales[i % 2]! * 0.3);
    const x = tf.tensor([1, 0.5, -2], [1, 3]);
    const y = network.forward({ [codes.name]: tf.tensor(moved, [3, 2]) }, { x }).outputs.y!;
    const expected = x.matMul(tf.tensor(moved, [3, 2])).dataSync();
    for (const [i, value] of expected.entries()) expect(y.dataSync()[i]).toBeCloseTo(value, 5);
  });

  it('has the gradient of the weights', () => {
    const x = tf.tensor([1, 0.5, -2], [1, 3]);
    const slope = tf.grad((w: tf.Tensor) => network.forward({ [codes.name]: w }, { x }).outputs.y!.sum());
    const found = Array.from(slope(tf.tensor(codes.values, [3, 2])).dataSync());
    for (const [i, value] of [1, 1, 0.5, 0.5, -2, -2].entries()) expect(found[i]).toBeCloseTo(value, 5);
  });
});

it('says that stored codes are trained', () => {
  expect(importModel(staticNet()).notes.join('\n')).toMatch(/3 tensors are stored as codes/);
});
