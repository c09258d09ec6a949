import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TemperError } from '../../../src/errors.js';
import { liftOpset } from '../../../src/export/lift/lift.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { decodeModel, encodeModel } from '../../../src/onnx/codec.js';
import { DataType, type Model, type Tensor } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { opsetVersion } from '../../../src/onnx/walk.js';
import { openSession } from '../../../src/runtime/session.js';
import { sharedModels } from '../../onnx/shared.js';
import { outputsOf, relativeDifference } from '../feeds.js';
import { weights } from '../nets.js';
import { backendFeeds } from './backend.js';

interface Case {
  op: string;
  opset: number;
  attributes?: Record<string, AttributeValue>;
  input?: number[];
  stored?: Tensor[];
  /** Say nothing about the shape of the input, so that its rank is not known. */
  unknownRank?: boolean;
}

function model({ op, opset, attributes = {}, input = [2, 3, 4, 4], stored = [], unknownRank }: Case): Model {
  const names = stored.map(({ name }) => name);
  const nodes = unknownRank
    ? [makeNode('Relu', ['x'], ['r']), makeNode(op, ['r', ...names], ['y'], attributes)]
    : [makeNode(op, ['x', ...names], ['y'], attributes)];
  const graph = makeGraph({
    nodes,
    initializers: stored,
    inputs: [tensorInfo('x', DataType.FLOAT, input)],
    outputs: [tensorInfo('y', DataType.FLOAT)],
  });
  return makeModel(graph, { opset, irVersion: 4 });
}

const four = (n: string) => weights(n, [3], 1.5);
const limits = { min: { float: -0.25 }, max: { float: 0.5 } };
const cases: Case[] = [
  { op: 'Clip', opset: 7, attributes: limits },
  { op: 'Clip', opset: 10, attributes: { max: { float: 0.5 } } },
  { op: 'Clip', opset: 7 },
  { op: 'Pad', opset: 9, attributes: { pads: [0, 0, 1, 2, 0, 0, 2, 1], value: { float: 0.5 } } },
  { op: 'Pad', opset: 10, attributes: { pads: [0, 0, 1, 2, 0, 0, 2, 1], mode: 'reflect' } },
  { op: 'Slice', opset: 9, attributes: { starts: [1, 0], ends: [9007199254740991, -1], axes: [1, 3] } },
  { op: 'Slice', opset: 7, attributes: { starts: [1, 1], ends: [2, 3] } },
  { op: 'Dropout', opset: 7, attributes: { ratio: { float: 0.3 } } },
  { op: 'Dropout', opset: 10 },
  { op: 'Squeeze', opset: 11, attributes: { axes: [0, -1] }, input: [1, 3, 1] },
  { op: 'Squeeze', opset: 7, input: [1, 3, 1] },
  { op: 'Unsqueeze', opset: 11, attributes: { axes: [0, 5] } },
  { op: 'Split', opset: 11, attributes: { axis: 1, split: [3] } },
  { op: 'Softmax', opset: 12, attributes: { axis: 1 } },
  { op: 'Softmax', opset: 12, attributes: { axis: -1 } },
  { op: 'Softmax', opset: 8, attributes: { axis: 3 } },
  { op: 'Softmax', opset: 8, attributes: { axis: 0 } },
  { op: 'Softmax', opset: 11, attributes: { axis: -2 }, unknownRank: true },
  { op: 'Softmax', opset: 9, input: [2, 5] },
  { op: 'LogSoftmax', opset: 9, attributes: { axis: 2 } },
  { op: 'LogSoftmax', opset: 9, unknownRank: true },
  { op: 'Hardmax', opset: 9, attributes: { axis: 2 } },
  ...[
    'ReduceMean',
    'ReduceMax',
    'ReduceMin',
    'ReduceL1',
    'ReduceL2',
    'ReduceProd',
    'ReduceLogSumExp',
    'ReduceSumSquare',
    'ReduceSum',
  ].flatMap((op): Case[] => [
    { op, opset: 7, attributes: { axes: [2, 3], keepdims: 0 } },
    { op, opset: 11 },
  ]),
  { op: 'BatchNormalization', opset: 7, attributes: { spatial: 1 }, stored: ['a', 'b', 'c', 'd'].map(four) },
  { op: 'Upsample', opset: 7, attributes: { scales: { floats: [1, 1, 2, 3] }, mode: 'nearest' } },
  { op: 'Upsample', opset: 7, attributes: { scales: { floats: [1, 1, 2, 2] }, mode: 'linear' } },
  {
    op: 'Upsample',
    opset: 9,
    stored: [makeTensor('s', DataType.FLOAT, [4], [1, 1, 1.5, 2])],
    attributes: { mode: 'nearest' },
  },
  {
    op: 'Resize',
    opset: 10,
    stored: [makeTensor('s', DataType.FLOAT, [4], [1, 1, 2, 2])],
    attributes: { mode: 'linear' },
  },
  {
    op: 'AveragePool',
    opset: 7,
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 },
  },
  { op: 'AveragePool', opset: 10, attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  { op: 'AveragePool', opset: 11, attributes: { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER' } },
  {
    op: 'AveragePool',
    opset: 10,
    attributes: {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [0, 1, 1, 0],
      ceil_mode: 1,
      count_include_pad: 1,
    },
  },
  {
    op: 'AveragePool',
    opset: 10,
    attributes: {
      kernel_shape: [3, 3],
      strides: [3, 3],
      pads: [1, 1, 1, 1],
      ceil_mode: 1,
      count_include_pad: 1,
    },
  },
  { op: 'MaxPool', opset: 7, attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [1, 0, 0, 1] } },
  { op: 'PRelu', opset: 7, stored: [weights('w', [3, 1, 1])] },
  { op: 'Flatten', opset: 7, attributes: { axis: 2 } },
  { op: 'InstanceNormalization', opset: 7, stored: [weights('a', [3]), weights('b', [3])] },
  { op: 'HardSigmoid', opset: 7 },
  { op: 'Elu', opset: 7 },
  { op: 'LRN', opset: 7, attributes: { size: 3 } },
];

const title = ({ op, opset, attributes }: Case) =>
  `${op} of ${opset} ${Object.keys(attributes ?? {}).join(' ')}`;

describe('an operator computes the same after lifting', () => {
  test.for(cases.map((entry) => [title(entry), entry] as const))('%s', async ([, entry]) => {
    const source = model(entry);
    const before = await outputsOf(source);
    for (const target of [13, 18, 21]) {
      const lifted = liftOpset(source, target);
      expect(opsetVersion(lifted)).toBe(target);
      const after = await outputsOf(lifted);
      // From version 19 on onnxruntime averages in another order.
      if (entry.op === 'AveragePool') expect(relativeDifference(before, after)).toBeLessThan(1e-6);
      else expect(after).toEqual(before);
    }
  });
});

test('bodies of If are lifted too', async () => {
  const body = (name: string, axis: number) =>
    makeGraph({
      name,
      nodes: [
        makeNode('Softmax', ['x'], [`${name}_s`], { axis }),
        makeNode('Clip', [`${name}_s`], [`${name}_y`], limits),
      ],
      inputs: [],
      outputs: [tensorInfo(`${name}_y`, DataType.FLOAT)],
    });
  const graph = makeGraph({
    nodes: [
      makeNode('If', ['yes'], ['y'], {
        then_branch: { graph: body('a', 0) },
        else_branch: { graph: body('b', 1) },
      }),
    ],
    initializers: [{ name: 'yes', dataType: DataType.BOOL, dims: [], rawData: Uint8Array.of(1) }],
    inputs: [tensorInfo('x', DataType.FLOAT, [2, 3])],
    outputs: [tensorInfo('y', DataType.FLOAT)],
  });
  const source = makeModel(graph, { opset: 9, irVersion: 4 });
  expect(await outputsOf(liftOpset(source, 21))).toEqual(await outputsOf(source));
});

test('what cannot be lifted is refused, every node of it', () => {
  const nodes = [
    makeNode('BatchNormalization', ['x', 'a', 'a', 'a', 'a'], ['b'], { spatial: 0 }, { name: 'norm' }),
    makeNode('Frobnicate', ['b'], ['c'], {}, { name: 'unheard of' }),
    makeNode('Custom', ['c'], ['d'], {}, { domain: 'com.example' }),
    makeNode('Resize', ['d', 's'], ['e']),
    makeNode('toString', ['e'], ['f']),
  ];
  const source = makeModel(makeGraph({ nodes, inputs: [], outputs: [] }), { opset: 8 });
  expect.assertions(3);
  try {
    liftOpset(source, 21);
  } catch (error) {
    expect((error as TemperError).kind).toBe('model');
    expect((error as TemperError).problems.map(({ where }) => where)).toEqual([
      'node "norm" (BatchNormalization)',
      'node "unheard of" (Frobnicate)',
      'node #3 (Resize) -> e',
      'node #4 (toString) -> f',
    ]);
  }
  expect(() => liftOpset(model({ op: 'Relu', opset: 6 }), 13)).toThrow(TemperError);
});

test('a float constant needs a known type once the model has other floats', () => {
  const graph = makeGraph({
    nodes: [
      makeNode('Cast', ['x'], ['h'], { to: DataType.FLOAT16 }),
      makeNode('Clip', ['h'], ['y'], { min: { float: 0 } }),
    ],
    inputs: [tensorInfo('x', DataType.FLOAT, [2])],
    outputs: [tensorInfo('y', DataType.FLOAT16, [2])],
  });
  expect(() => liftOpset(makeModel(graph, { opset: 9 }), 13)).toThrow('element type');
  const known = { ...graph, valueInfo: [tensorInfo('h', DataType.FLOAT16, [2])] };
  const lifted = liftOpset(makeModel(known, { opset: 9 }), 13);
  expect(lifted.graph.initializers[0]!.dataType).toBe(DataType.FLOAT16);
});

const core =
  /^test_(add|and|argmax|averagepool|basic_conv|batchnorm|cast_FLOAT|clip|concat|constant|conv|div|dropout|elu|exp|expand|flatten|gather|gemm|global|hard|identity|if|instance|leakyrelu|log|loop|matmul|max|mean|min|mul|neg|pow|prelu|reduce|relu|reshape|resize|scan|shape|sigmoid|slice|softmax|split|sqrt|squeeze|sub|sum|tanh|transpose|unsqueeze|upsample|where)/;
const backend = sharedModels('onnx-backend').filter(
  (path) => core.test(basename(dirname(path))) || path.includes('pytorch-converted'),
);

test.skipIf(backend.length === 0)(
  'the ONNX backend cases of older operator sets',
  { timeout: 60_000 },
  async () => {
    let compared = 0;
    for (const path of backend) {
      const source = decodeModel(readFileSync(path));
      const version = opsetVersion(source);
      if (version < 7 || version >= 21 || source.graph.inputs.some(({ tensorType }) => !tensorType)) continue;
      const session = await openSession(encodeModel(source), { optimization: 'disabled', threads: 1 }).catch(
        () => undefined,
      );
      const feeds = session && backendFeeds(path, session.inputNames);
      const before = feeds && (await session.run(feeds).catch(() => undefined));
      if (!before) continue;
      const lifted = await openSession(encodeModel(liftOpset(source, 21)), {
        optimization: 'disabled',
        threads: 1,
      });
      expect(await lifted.run(feeds), path).toEqual(before);
      compared++;
      await session.release();
      await lifted.release();
    }
    expect(compared).toBeGreaterThan(200);
  },
);
