/** What a run trains is measured before its first step and said; what no gradient reaches keeps every bit. */
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.js';
import type { TemperError } from '../../../src/errors.js';
import { finetune } from '../../../src/finetune/finetune.js';
import type { FinetuneOptions } from '../../../src/finetune/run/run.js';
import { scopeText, type TrainingScope } from '../../../src/finetune/start/started.js';
import { importModel } from '../../../src/import/importModel.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { DataType, type Model, type Node, type Tensor } from '../../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../../src/onnx/tensor.js';
import { randomStream } from '../../../src/random/stream.js';
import { convolutional, patterns } from '../nets.js';

const dataset = patterns(60, { shape: [6] });

function drawn(name: string, dims: number[], scale = 0.5): Tensor {
  const size = dims.reduce((a, b) => a * b, 1);
  const values = randomStream('gradientCheck', name).normals(size);
  return makeTensor(
    name,
    DataType.FLOAT,
    dims,
    values.map((value) => value * scale),
  );
}

function modelOf(nodes: Node[], initializers: Tensor[], outputs: [string, number][] = [['y', 4]]): Model {
  return makeModel(
    makeGraph({
      nodes,
      initializers,
      inputs: [tensorInfo('x', DataType.FLOAT, ['N', 6])],
      outputs: outputs.map(([name, size]) => tensorInfo(name, DataType.FLOAT, ['N', size])),
    }),
  );
}

async function run(model: Model, options: Partial<FinetuneOptions> = {}) {
  let scope: TrainingScope | undefined;
  const { network } = importModel(model);
  // Without a validation split the last epoch is the result, better or not.
  const given = { model, network, dataset, batchSize: 20, epochs: 2, validation: 0 };
  const result = await finetune({
    ...given,
    optimizer: 'sgd',
    schedule: { learningRate: 0.05 },
    ...options,
    onProgress: (event) => {
      if (event.kind === 'start') scope = event.scope;
    },
  });
  const stored = (file: Model, name: string) => file.graph.initializers.find((one) => one.name === name)!;
  const moved = model.graph.initializers
    .filter(({ name }) => JSON.stringify(stored(result.model, name)) !== JSON.stringify(stored(model, name)))
    .map(({ name }) => name);
  return { ...result, scope: scope!, text: scopeText(scope!).join('\n'), moved };
}

const failure = (model: Model, options: Partial<FinetuneOptions> = {}) =>
  run(model, options).then(
    () => expect.unreachable(),
    (error: TemperError) => error,
  );

describe('weights that no gradient reaches', () => {
  it('keep their bytes: another head, with decay and clipping, on every method', async () => {
    // Cubes of normal values have long tails, as weights of heads that were trained: clipping would change many.
    const heavy = drawn('other', [6, 40]);
    const model = modelOf(
      [makeNode('MatMul', ['x', 'used'], ['y']), makeNode('MatMul', ['x', 'other'], ['boxes'])],
      [
        drawn('used', [6, 4]),
        { ...heavy, floatData: Array.from(tensorValues(heavy) as Float32Array, (value) => value ** 3) },
      ],
      [
        ['y', 4],
        ['boxes', 40],
      ],
    );
    const decay = { optimizerOptions: { weightDecay: 0.1 } };
    for (const options of [
      { device: 'gaussian:0.1', clip: 1 },
      { device: 'gaussian:0.1', gamma: 0.5, clip: 1 },
      { method: 'plain', decayOn: 'all' as const },
    ]) {
      const { moved, text } = await run(model, { ...options, ...decay });
      expect(moved).toEqual(['used']);
      expect(text).toMatch(/^not trained: 1 tensor \(240 values\), "other": they do not reach "y"/m);
      expect(text).toMatch(/^trained: 1 tensor \(24 values\); a gradient reaches each/m);
    }
  });

  it('behind a step are named with what stops the gradient', async () => {
    const model = modelOf(
      [
        makeNode('MatMul', ['x', 'before'], ['h']),
        makeNode('Greater', ['h', 'threshold'], ['fires']),
        makeNode('Cast', ['fires'], ['spikes'], { to: DataType.FLOAT }),
        makeNode('MatMul', ['spikes', 'after'], ['y']),
      ],
      [drawn('before', [6, 5]), makeTensor('threshold', DataType.FLOAT, [], [0]), drawn('after', [5, 4])],
    );
    // All ways from "before" pass Greater: the import says so.
    expect(() => importModel(model)).toThrow(/no gradient reaches this parameter/);
    const bridged = modelOf(
      [
        makeNode('MatMul', ['x', 'before'], ['h']),
        makeNode('Greater', ['h', 'threshold'], ['fires']),
        makeNode('Where', ['fires', 'high', 'low'], ['spikes']),
        makeNode('Mul', ['h', 'nothing'], ['none']),
        makeNode('Add', ['spikes', 'none'], ['s']),
        makeNode('MatMul', ['s', 'after'], ['y']),
      ],
      [
        drawn('before', [6, 5]),
        ...[0, 1, 0, 0].map((value, i) =>
          makeTensor(['threshold', 'high', 'low', 'nothing'][i]!, DataType.FLOAT, [], [value]),
        ),
        drawn('after', [5, 4]),
      ],
    );
    const { moved, text } = await run(bridged, { device: 'gaussian:0.1', clip: 1 });
    expect(moved).toEqual(['after']);
    expect(text).toMatch(/^not trained: 1 tensor \(30 values\), "before": no gradient passes Greater$/m);
  });

  it('are trained once a gradient comes: a layer behind a scale that begins at zero', async () => {
    const nodes = [
      makeNode('MatMul', ['x', 'inner'], ['h']),
      makeNode('LayerNormalization', ['h', 'scale', 'shift'], ['n']),
      makeNode('MatMul', ['n', 'last'], ['y']),
    ];
    const zero = (name: string) => makeTensor(name, DataType.FLOAT, [5], new Float32Array(5));
    const model = modelOf(nodes, [
      drawn('inner', [6, 5]),
      zero('scale'),
      zero('shift'),
      drawn('last', [5, 4]),
    ]);
    const { moved, text, scope } = await run(model, { method: 'plain' });
    // The scale and the shift move in the first step, and "inner" from the second on; "last" sees zeros until then.
    expect(scope.untrained.flatMap(({ names }) => names).sort()).toEqual(['inner', 'last']);
    expect(text).toMatch(/no gradient on two mini-batches.*kept as they are until one comes/);
    expect(moved).toEqual(['inner', 'scale', 'shift', 'last']);
    const dead = modelOf(
      [
        makeNode('Gemm', ['x', 'inner', 'never'], ['h']),
        makeNode('Relu', ['h'], ['r']),
        makeNode('Gemm', ['r', 'last', 'bias'], ['y']),
      ],
      [
        drawn('inner', [6, 5]),
        makeTensor('never', DataType.FLOAT, [5], new Float32Array(5).fill(-100)),
        drawn('last', [5, 4]),
        drawn('bias', [4]),
      ],
    );
    const frozen = await run(dead, { method: 'plain', optimizerOptions: { weightDecay: 0.1 } });
    expect(frozen.moved).toEqual(['bias']);
  });

  it('are refused where they are all there is, and where gradients are not finite', async () => {
    const dead = modelOf(
      [
        makeNode('Gemm', ['x', 'inner', 'never'], ['h']),
        makeNode('Relu', ['h'], ['r']),
        makeNode('MatMul', ['r', 'last'], ['y']),
      ],
      [
        drawn('inner', [6, 5]),
        makeTensor('never', DataType.FLOAT, [5], new Float32Array(5).fill(-100)),
        drawn('last', [5, 4]),
      ],
    );
    const silent = await failure(dead, { method: 'plain' });
    expect([silent.kind, silent.message]).toEqual([
      'model',
      expect.stringMatching(/no parameter would be trained.*all 3 tensors were zero/),
    ]);
    const huge = modelOf(
      [makeNode('MatMul', ['x', 'w'], ['h']), makeNode('Exp', ['h'], ['y'])],
      [drawn('w', [6, 4], 1e4)],
    );
    const broken = await failure(huge, { method: 'plain', loss: 'mean-squared-error' });
    expect([broken.kind, broken.message]).toEqual([
      'model',
      expect.stringMatching(/gradients of "w" are not finite/),
    ]);
  });

  it('are no reason to refuse a model that errs in nothing', async () => {
    const identity = makeTensor(
      'w',
      DataType.FLOAT,
      [6, 6],
      Float32Array.from({ length: 36 }, (_, i) => Number(i % 7 === 0)),
    );
    const model = modelOf([makeNode('MatMul', ['x', 'w'], ['y'])], [identity], [['y', 6]]);
    const { examples } = dataset;
    const same: Dataset = {
      ...dataset,
      classes: 0,
      labels: new Int32Array(),
      targets: examples as Float32Array,
      targetShape: [6],
    };
    const { text, history } = await run(model, {
      method: 'plain',
      loss: 'mean-squared-error',
      dataset: same,
      optimizerOptions: { weightDecay: 0 },
    });
    expect(text).toMatch(/the loss is 0 before the first step/);
    expect(history.records.at(-1)!.train.loss).toBe(0);
  });
});

describe('computed weights', () => {
  const weightNorm = [
    makeNode('ReduceL2', ['v', 'rows'], ['length']),
    makeNode('Div', ['v', 'length'], ['direction']),
    makeNode('Mul', ['direction', 'g'], ['w']),
    makeNode('MatMul', ['x', 'w'], ['y']),
  ];
  const normed = modelOf(weightNorm, [
    drawn('v', [6, 4]),
    drawn('g', [1, 4]),
    makeTensor('rows', DataType.INT64, [1], [0]),
  ]);

  it('are trained by what they are computed from, and named as free of noise', async () => {
    const { moved, text, history } = await run(normed, { device: 'gaussian:0.1', epochs: 6 });
    expect(moved).toEqual(['v', 'g']);
    expect(text).toMatch(/^trained without noise: 2 tensors \(28 values\), "v", "g"/m);
    expect(history.records.at(-1)!.train.loss).toBeLessThan(0.8 * history.records[0]!.train.loss);
  });

  it('of quantizers are trained straight through, clipped codes among them', async () => {
    const nodes = [
      makeNode('QuantizeLinear', ['w', 'step', 'zero'], ['k']),
      makeNode('Clip', ['k', 'low', 'high'], ['c']),
      makeNode('DequantizeLinear', ['c', 'step', 'zero'], ['q']),
      makeNode('MatMul', ['x', 'q'], ['y']),
    ];
    const byte = (name: string, value: number) => makeTensor(name, DataType.INT8, [], [value]);
    const model = modelOf(nodes, [
      drawn('w', [6, 4]),
      makeTensor('step', DataType.FLOAT, [], [0.1]),
      ...[byte('zero', 0), byte('low', -7), byte('high', 7)],
    ]);
    const { moved } = await run(model, { method: 'plain' });
    expect(moved).toEqual(['w']);
  });

  it('leave masks, vectors and numbers as they are, and say so of what no layer learns', async () => {
    const mask = Float32Array.from({ length: 24 }, (_, i) => Number(i % 3 > 0));
    const model = modelOf(
      [
        makeNode('Mul', ['w', 'mask'], ['kept']),
        makeNode('Mul', ['kept', 'rates'], ['scaled']),
        makeNode('MatMul', ['x', 'scaled'], ['h']),
        makeNode('Mul', ['h', 'gains'], ['y']),
      ],
      [
        drawn('w', [6, 4]),
        makeTensor('mask', DataType.FLOAT, [6, 4], mask),
        drawn('rates', [4]),
        drawn('gains', [4]),
      ],
    );
    const { moved, text } = await run(model, { method: 'plain' });
    expect(moved).toEqual(['w']);
    expect(text).toMatch(
      /^not trained: 3 tensors \(32 values\), "mask", "rates", "gains": no layer learns them \(operands of Mul\)$/m,
    );
  });

  it('of codes that are cast are named', async () => {
    const model = modelOf(
      [
        makeNode('Cast', ['codes'], ['f'], { to: DataType.FLOAT }),
        makeNode('Mul', ['f', 'step'], ['w']),
        makeNode('Gemm', ['x', 'w', 'bias'], ['y']),
      ],
      [
        makeTensor(
          'codes',
          DataType.INT8,
          [6, 4],
          Int8Array.from({ length: 24 }, (_, i) => i - 12),
        ),
        makeTensor('step', DataType.FLOAT, [], [0.05]),
        drawn('bias', [4]),
      ],
    );
    const { moved, text } = await run(model, { method: 'plain' });
    expect(moved).toEqual(['bias']);
    expect(text).toMatch(
      /^not trained: 1 tensor \(24 values\), "codes": codes in a form that is not trained \(operands of Cast\)$/m,
    );
  });
});

it('says that statistics which never follow do so in training, and that frozen ones do not', async () => {
  const file = convolutional();
  const nodes = file.graph.nodes.map((node) =>
    node.opType === 'BatchNormalization'
      ? makeNode(node.opType, node.inputs, node.outputs, { momentum: { float: 1 } })
      : node,
  );
  const model = { ...file, graph: { ...file.graph, nodes } };
  const options = { dataset: patterns(60), method: 'plain' };
  const trained = await run(model, options);
  expect(trained.moved).toContain('mean');
  expect(trained.text).toMatch(/1 BatchNormalization node has momentum 1, .*0\.9 is used/);
  // The same as the file with the usual momentum.
  const usual = await run(file, options);
  expect(trained.history).toEqual(usual.history);
  const frozen = await run(model, { ...options, batchNorm: 'frozen' });
  expect(frozen.moved).not.toContain('mean');
  expect(frozen.text).toMatch(
    /^not trained: 2 tensors \(16 values\), "mean", "variance": running statistics, which are frozen$/m,
  );
  expect(frozen.text).not.toMatch(/momentum/);
});
