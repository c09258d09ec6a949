/** Models of which training cannot reach every weight: refused, or told. */
import { expect, it } from 'vitest';
import { openStep } from '../../../src/compile/index.js';
import { unitScale } from '../../../src/data/normalize.js';
import { TemperError } from '../../../src/errors.js';
import { feedSteps } from '../../../src/finetune/course/feeds.js';
import { finetune } from '../../../src/finetune/finetune.js';
import type { FinetuneOptions } from '../../../src/finetune/run/run.js';
import { completeSettings } from '../../../src/finetune/settings/settings.js';
import { stepOptionsOf } from '../../../src/finetune/start/stepOptions.js';
import { makeTrainStep } from '../../../src/finetune/step/trainStep.js';
import { buildNetwork } from '../../../src/network/network.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { convolutional, patterns } from '../nets.js';

const dataset = patterns(60, { shape: [6] });
const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i));
const float = (name: string, dims: number[]) =>
  makeTensor(name, DataType.FLOAT, dims, values(dims.reduce((a, b) => a * b, 1)));

function modelOf(nodes: Node[], initializers: Tensor[], outputs = ['y']): Model {
  return makeModel(
    makeGraph({
      nodes,
      initializers,
      inputs: [tensorInfo('x', DataType.FLOAT, ['N', 6])],
      outputs: outputs.map((name) => tensorInfo(name, DataType.FLOAT, ['N', 4])),
    }),
  );
}

const codes = makeTensor(
  'codes',
  DataType.INT8,
  [6, 5],
  Int8Array.from({ length: 30 }, (_, i) => i - 15),
);
/** Negative: ONNX takes it, but such codes are not trained. */
const scale = makeTensor('step', DataType.FLOAT, [], Float32Array.of(-0.02));
const dequantize = makeNode('DequantizeLinear', ['codes', 'step'], ['stored']);

/** A layer of stored codes, then one of `second`. */
const half = () =>
  modelOf(
    [dequantize, makeNode('MatMul', ['x', 'stored'], ['h']), makeNode('MatMul', ['h', 'free'], ['y'])],
    [codes, scale, float('free', [5, 4])],
  );
/** Codes only; `bias` adds something that can be trained all the same. */
const whole = (bias: boolean) =>
  modelOf(
    [
      dequantize,
      makeNode('MatMul', ['x', 'stored'], ['h']),
      makeNode('Slice', ['h', 'from', 'to', 'axis'], [bias ? 's' : 'y']),
      ...(bias ? [makeNode('Mul', ['s', 'one'], ['m']), makeNode('PRelu', ['m', 'slope'], ['y'])] : []),
    ],
    [
      codes,
      scale,
      ...['from', 'to', 'axis'].map((name, i) => makeTensor(name, DataType.INT64, [1], [[0, 4, 1][i]!])),
      ...(bias ? [float('one', [1]), float('slope', [4])] : []),
    ],
  );

const run = (model: Model, options: Partial<FinetuneOptions> = {}) =>
  finetune({ model, network: buildNetwork(model), dataset, batchSize: 20, epochs: 1, ...options });
const failure = (model: Model, options: Partial<FinetuneOptions> = {}) =>
  run(model, options).then(
    () => expect.unreachable(),
    (error: TemperError) => error,
  );

it('tells which crossbar weights are neither trained nor perturbed', async () => {
  for (const options of [{ method: 'plain' }, { device: 'gaussian:0.1' }]) {
    const { notes } = await run(half(), options);
    expect(notes.join('\n')).toMatch(/neither trained nor perturbed[^"]*"stored"/);
  }
  expect((await run(convolutional(), { dataset: patterns(60), method: 'plain' })).notes.join()).not.toMatch(
    /trained nor/,
  );
});

it('tells which trained weights stay free of noise, as they are on no crossbar', async () => {
  const nodes = [
    makeNode('Einsum', ['x', 'loose'], ['h'], { equation: 'ij,jk->ik' }),
    makeNode('MatMul', ['h', 'free'], ['y']),
  ];
  const model = modelOf(nodes, [float('loose', [6, 5]), float('free', [5, 4])]);
  const { notes } = await run(model, { device: 'gaussian:0.1' });
  expect(notes).toContainEqual(expect.stringMatching(/not on a crossbar.*free of noise.*"loose"/));
  const plain = await run(model, { method: 'plain' });
  expect(plain.notes).not.toContainEqual(expect.stringContaining('loose'));
});

it('refuses to train against a device none of whose weights it can perturb', async () => {
  const error = await failure(whole(true), { device: 'gaussian:0.1' });
  expect(error.kind).toBe('model');
  expect(error.message).toMatch(/wvat[\s\S]*"stored"[\s\S]*quantized/);
  const { notes } = await run(whole(true), { method: 'plain' });
  expect(notes.join('\n')).toMatch(/"stored"/);
});

it('refuses a model without anything to train, and says why', async () => {
  for (const method of ['plain', 'wvat']) {
    const error = await failure(whole(false), { method, device: 'gaussian:0.1' });
    expect(error).toBeInstanceOf(TemperError);
    expect(error.kind).toBe('model');
    expect(error.message).toMatch(/no parameters that can be trained[\s\S]*float model/);
  }
  const bare = modelOf([makeNode('Relu', ['x'], ['r']), makeNode('Softplus', ['r'], ['y'])], []);
  expect((await failure(bare, { dataset: patterns(60, { shape: [6], classes: 6 }) })).message).toMatch(
    /no parameters that can be trained[\s\S]*initializers/,
  );
});

it('leaves weights alone that do not reach the loss, with every mixture of perturbations', async () => {
  const nodes = [makeNode('MatMul', ['x', 'used'], ['y']), makeNode('MatMul', ['x', 'other'], ['z'])];
  const model = modelOf(nodes, [float('used', [6, 4]), float('other', [6, 4])], ['y', 'z']);
  for (const gamma of [0, 0.5, 1]) {
    const out = await run(model, { device: 'gaussian:0.1', gamma, clip: 0, validation: 0 });
    const [used, other] = out.model.graph.initializers;
    expect(used).not.toEqual(model.graph.initializers[0]);
    expect(other).toEqual(model.graph.initializers[1]);
  }
});

it('never drops a running statistic that it has no place for', async () => {
  const pictures = patterns(60);
  const model = convolutional();
  const network = buildNetwork(model);
  const stray: typeof network = {
    ...network,
    forward: (...given) => {
      const result = network.forward(...given);
      const { mean, ...statistics } = result.statistics;
      return { ...result, statistics: { ...statistics, ...(mean && { alias: mean }) } };
    },
  };
  const settings = completeSettings({ method: 'plain', batchSize: 20 }, pictures);
  const stepOptions = stepOptionsOf({ model, network: stray, dataset: pictures }, settings, 60);
  const { step, specs, runs, initialState } = makeTrainStep(stepOptions);
  const train = Uint32Array.from({ length: 60 }, (_, i) => i);
  const feeds = feedSteps(
    { settings, dataset: pictures, train, normalization: unitScale, stepOptions, runs, stepsPerEpoch: 3 },
    { rateAt: () => 0.1, strengthAt: () => 1 },
    0,
    1,
  );
  const attempt = async () => (await openStep(step, specs, { engine: 'cpu' })).run(initialState, feeds);
  await expect(attempt()).rejects.toThrow(/alias[\s\S]*running statistic/);
});
