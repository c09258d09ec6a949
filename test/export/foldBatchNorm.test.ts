import { expect, test } from 'vitest';
import { exportModel } from '../../src/export/exportModel.js';
import { foldBatchNorm } from '../../src/export/foldBatchNorm.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { readModel } from '../../src/onnx/file.js';
import type { Model, Node, Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { sharedModels } from '../onnx/shared.js';
import { outputsOf, relativeDifference } from './feeds.js';
import { convNet, weights } from './nets.js';

const statistics = (channels: number) => [
  weights('g', [channels], 1),
  weights('s', [channels]),
  weights('m', [channels]),
  weights('v', [channels], 1.5),
];
const norm = makeNode('BatchNormalization', ['c', 'g', 's', 'm', 'v'], ['y'], {}, { name: 'bn' });

function net(
  layer: Node,
  initializers: Tensor[],
  input: number[],
  channels: number,
  extra: Node[] = [],
): Model {
  return makeModel(
    makeGraph({
      nodes: [layer, norm, ...extra],
      initializers: [...initializers, ...statistics(channels)],
      inputs: [tensorInfo('x', 1, input)],
      outputs: [tensorInfo('y', 1)],
    }),
    { opset: 13, irVersion: 8 },
  );
}

const foldable: [string, Model][] = [
  [
    'Conv without bias',
    net(makeNode('Conv', ['x', 'w'], ['c']), [weights('w', [4, 3, 3, 3])], [2, 3, 6, 6], 4),
  ],
  [
    'Conv with bias',
    net(makeNode('Conv', ['x', 'w', 'b'], ['c']), [weights('w', [4, 3, 3]), weights('b', [4])], [2, 3, 6], 4),
  ],
  [
    'Conv in groups',
    net(makeNode('Conv', ['x', 'w'], ['c'], { group: 2 }), [weights('w', [6, 2, 3, 3])], [1, 4, 6, 6], 6),
  ],
  [
    'ConvTranspose',
    net(makeNode('ConvTranspose', ['x', 'w'], ['c']), [weights('w', [3, 5, 3, 3])], [1, 3, 6, 6], 5),
  ],
  [
    'ConvTranspose in groups',
    net(
      makeNode('ConvTranspose', ['x', 'w', 'b'], ['c'], { group: 2 }),
      [weights('w', [4, 3, 2, 2]), weights('b', [6])],
      [1, 4, 5, 5],
      6,
    ),
  ],
  [
    'Gemm',
    net(makeNode('Gemm', ['x', 'w', 'b'], ['c']), [weights('w', [3, 5]), weights('b', [5])], [2, 3], 5),
  ],
  [
    'Gemm with its bias as a row',
    net(makeNode('Gemm', ['x', 'w', 'b'], ['c']), [weights('w', [3, 5]), weights('b', [1, 5])], [2, 3], 5),
  ],
  [
    'Gemm, transposed and scaled, one bias for all',
    net(
      makeNode('Gemm', ['x', 'w', 'b'], ['c'], { transB: 1, alpha: { float: 2 }, beta: { float: 0.5 } }),
      [weights('w', [5, 3]), weights('b', [1])],
      [2, 3],
      5,
    ),
  ],
];

test.for(foldable)('%s', async ([, model]) => {
  const { model: folded, kept } = foldBatchNorm(model);
  expect(kept).toEqual([]);
  expect(folded.graph.nodes).toHaveLength(1);
  expect(folded.graph.initializers).toHaveLength(2);
  expect(relativeDifference(await outputsOf(model), await outputsOf(folded))).toBeLessThan(1e-6);
});

test('a whole network, then quantized', async () => {
  const source = convNet(13);
  const { model, folded } = foldBatchNorm(source);
  expect(folded).toEqual(['node "bn1" (BatchNormalization)', 'node "bn2" (BatchNormalization)']);
  expect(relativeDifference(await outputsOf(source), await outputsOf(model))).toBeLessThan(1e-5);
  const exported = exportModel(source, { foldBatchNorm: true, bits: 8 });
  expect(exported.notes[0]).toBe('2 batch normalizations folded');
  expect(relativeDifference(await outputsOf(source), await outputsOf(exported.model))).toBeLessThan(0.05);
  expect(source).toEqual(convNet(13));
});

test('a bias that two layers share is not changed under the other one', async () => {
  const other = [makeNode('Conv', ['x', 'w2', 'b'], ['z'])];
  const model = net(
    makeNode('Conv', ['x', 'w', 'b'], ['c']),
    [weights('w', [4, 3, 1]), weights('w2', [4, 3, 1]), weights('b', [4])],
    [1, 3, 4],
    4,
    other,
  );
  model.graph.outputs.push(tensorInfo('z', 1));
  const { model: folded } = foldBatchNorm(model);
  expect(folded.graph.initializers.map(({ name }) => name)).toEqual(['w', 'w2', 'b', 'w_bias']);
  expect(relativeDifference(await outputsOf(model), await outputsOf(folded))).toBeLessThan(1e-6);
});

test('before IR version 4 the new bias is listed as an input', () => {
  const model = { ...foldable[0]![1], irVersion: 3 };
  const { model: folded } = foldBatchNorm(model);
  expect(folded.graph.inputs.map(({ name }) => name)).toEqual(['x', 'w_bias']);
});

const conv = makeNode('Conv', ['x', 'w'], ['c']);

test('operators of another domain are not touched, whatever their names', () => {
  const model = net(conv, [weights('w', [4, 3, 1])], [1, 3, 4], 4);
  const domain = 'com.example';
  const foreignNorm = model.graph.nodes.map((node) => (node === norm ? { ...node, domain } : node));
  const foreignLayer = model.graph.nodes.map((node) => (node === conv ? { ...node, domain } : node));
  for (const nodes of [foreignNorm, foreignLayer]) {
    const foreign = { ...model, graph: { ...model.graph, nodes } };
    expect(foldBatchNorm(foreign).model).toBe(foreign);
  }
});

const kept: [string, string, Model][] = [
  ['it follows no layer', 'Relu', net(makeNode('Relu', ['x'], ['c']), [], [1, 4, 3], 4)],
  [
    'the layer has another reader',
    'used elsewhere',
    net(conv, [weights('w', [4, 3, 1])], [1, 3, 4], 4, [makeNode('Relu', ['c'], ['r'])]),
  ],
  [
    'the weights are shared',
    'shared',
    net(conv, [weights('w', [4, 3, 1])], [1, 3, 4], 4, [makeNode('Conv', ['x', 'w'], ['z'])]),
  ],
  ['the weights are computed', 'not a float32 initializer', net(conv, [], [1, 3, 4], 4)],
  [
    'the bias differs from row to row',
    'row to row',
    net(makeNode('Gemm', ['x', 'w', 'b'], ['c']), [weights('w', [3, 4]), weights('b', [4, 1])], [4, 3], 4),
  ],
  [
    'the bias is scaled by 0',
    'by 0',
    net(makeNode('Gemm', ['x', 'w'], ['c'], { beta: { float: 0 } }), [weights('w', [3, 4])], [1, 3], 4),
  ],
];

test.for(kept)('it stays where %s', ([, reason, model]) => {
  const result = foldBatchNorm(model);
  expect(result.model).toBe(model);
  expect(result.kept).toEqual([
    { label: 'node "bn" (BatchNormalization)', reason: expect.stringContaining(reason) },
  ]);
});

const [resnet] = sharedModels('models/cifar10').filter((path) => path.endsWith('resnet20.onnx'));
test.skipIf(!resnet)('a ResNet-20 that others trained', async () => {
  const source = await readModel(resnet!);
  const { model, folded, kept: left } = foldBatchNorm(source);
  expect([folded.length, left.length]).toEqual([21, 0]);
  expect(relativeDifference(await outputsOf(source), await outputsOf(model))).toBeLessThan(1e-5);
});

test('a variance that has no root is refused, by tensor and channel', () => {
  const [, sound] = foldable[0]!;
  for (const wrong of [-0.001, Number.NaN, Number.POSITIVE_INFINITY]) {
    const initializers = sound.graph.initializers.map((tensor) =>
      tensor.name === 'v' ? makeTensor('v', 1, [4], [1, wrong, 1, 1]) : tensor,
    );
    const model = { ...sound, graph: { ...sound.graph, initializers } };
    expect(() => foldBatchNorm(model)).toThrow(/variance of .* \(channel 1\).*\n.*tensor "v"/);
  }
});
