/** Files that verification once called robust, because it did not see their weights, or because every chip was calibrated anew. */
import { expect, test } from 'vitest';
import { makeNode } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model, type Tensor } from '../../src/onnx/model.js';
import { makeTensor, tensorValues } from '../../src/onnx/tensor.js';
import { verify } from '../../src/verify/verify.js';
import * as net from './models.js';

const dataset = await net.datasetFor(net.modelOf(), 100);

function run(model: Model) {
  const devices = ['gaussian:0.2'];
  return verify({ model: encodeModel(model), dataset, devices, draws: 3, threads: 1 });
}

/** The same numbers, of which the zeros are left out. */
function sparse({ name, dims }: Tensor, values: readonly number[], byCoordinates: boolean) {
  const places = [...values.keys()].filter((place) => values[place] !== 0);
  const columns = dims[1]!;
  const indices = byCoordinates
    ? places.flatMap((place) => [Math.floor(place / columns), place % columns])
    : places;
  const shape = byCoordinates ? [places.length, 2] : [places.length];
  return {
    values: makeTensor(
      name,
      DataType.FLOAT,
      [places.length],
      places.map((place) => values[place]!),
    ),
    indices: makeTensor(`${name}_indices`, DataType.INT64, shape, indices.map(BigInt)),
    dims: [...dims],
  };
}

test.each([false, true])(
  'a sparse weight varies as its dense twin does, zeros included (coordinates: %s)',
  async (byCoordinates) => {
    const values = Array.from(tensorValues(net.w2) as Float32Array, (value, i) => (i % 3 === 0 ? value : 0));
    const dense = net.modelOf({ initializers: [net.w1, net.b1, net.floatTensor('w2', net.w2.dims, values)] });
    const rest = net.modelOf({ initializers: [net.w1, net.b1] });
    const model = {
      ...rest,
      graph: { ...rest.graph, sparseInitializers: [sparse(net.w2, values, byCoordinates)] },
    };
    const [expected, found] = [await run(dense), await run(model)];
    expect(found.runs[0]!.layers.map(({ tensor }) => tensor)).toEqual(['w1', 'w2']);
    expect(found.runs[0]!.draws).toEqual(expected.runs[0]!.draws);
  },
);

test('the report lists every stored value that carries no noise', async () => {
  const { harmless } = await run(net.modelOf());
  expect(harmless).toEqual([{ name: 'b1', reason: 'bias' }]);
});

test('computed weights are refused, whatever the order of the nodes', async () => {
  const nodes = [makeNode('Mul', ['w1', 'half'], ['scaled']), ...net.mlpNodes];
  nodes[1] = makeNode('Gemm', ['x', 'scaled', 'b1'], ['h'], {}, { name: 'first' });
  const initializers = [net.w1, net.b1, net.w2, net.floatTensor('half', [], [0.5])];
  for (const list of [nodes, [...nodes].reverse()])
    await expect(run(net.modelOf({ nodes: list, initializers }))).rejects.toThrow(
      /"w1" of Gemm[^]*computed from constants[^]*node "first"[^]*--digital/,
    );
});

const training: [string, ReturnType<typeof makeNode>, RegExp][] = [
  [
    'batch normalization',
    makeNode('BatchNormalization', ['h', 'one', 'zero', 'zero', 'one'], ['n', 'm', 'v'], {
      training_mode: 1,
    }),
    /statistics of the batch[^]*evaluation mode/,
  ],
  ['Dropout', makeNode('Dropout', ['h', 'ratio', 'yes'], ['n']), /at random[^]*evaluation mode/],
  [
    'a mean over the examples',
    makeNode('MeanVarianceNormalization', ['h'], ['n'], { axes: [0] }),
    /statistics of the batch/,
  ],
];

test.each(training)('%s in training mode is refused', async (_, node, message) => {
  const nodes = [net.mlpNodes[0]!, node, makeNode('MatMul', ['n', 'w2'], ['y'])];
  const vector = (name: string, value: number) =>
    net.floatTensor(name, [net.hidden], new Float32Array(net.hidden).fill(value));
  const initializers = [
    ...[net.w1, net.b1, net.w2, vector('one', 1), vector('zero', 0), net.floatTensor('ratio', [], [0.5])],
    makeTensor('yes', DataType.BOOL, [], [1]),
  ];
  await expect(run(net.modelOf({ nodes, initializers }))).rejects.toThrow(message);
  // In use they are accepted.
  const inUse = {
    ...node,
    outputs: ['n'],
    attributes: [],
    inputs: node.inputs.filter((name) => name !== 'yes'),
  };
  if (node.opType === 'MeanVarianceNormalization') return;
  await run(net.modelOf({ nodes: [nodes[0]!, inUse, nodes[2]!], initializers }));
});
