/** Seeds that hold what operators' examples do not: bodies, local functions, external data, packed and sparse and text tensors. */
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Graph, type Model, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

const x = tensorInfo('x', DataType.FLOAT, ['n', 4]);
const y = tensorInfo('y', DataType.FLOAT, ['n', 4]);
const weight = makeTensor(
  'w',
  DataType.FLOAT,
  [4, 4],
  Float32Array.from({ length: 16 }, (_, i) => i / 16),
);
const shape = makeTensor('shape', DataType.INT64, [2], [-1, 4]);

function layer(initializers: readonly Tensor[], nodes = [makeNode('MatMul', ['x', 'w'], ['y'])]): Graph {
  return makeGraph({ nodes, initializers, inputs: [x], outputs: [y] });
}

const body = makeGraph({
  nodes: [makeNode('MatMul', ['x', 'w'], ['b']), makeNode('Reshape', ['b', 'shape'], ['body'])],
  initializers: [weight, shape],
  inputs: [],
  outputs: [tensorInfo('body', DataType.FLOAT)],
});

const branches = layer(
  [makeTensor('condition', DataType.BOOL, [], [1])],
  [makeNode('If', ['condition'], ['y'], { then_branch: { graph: body }, else_branch: { graph: body } })],
);

const loop = layer(
  [makeTensor('trips', DataType.INT64, [], [3]), makeTensor('go', DataType.BOOL, [], [1]), weight],
  [
    makeNode('Loop', ['trips', 'go', 'x'], ['y'], {
      body: {
        graph: makeGraph({
          nodes: [makeNode('MatMul', ['v', 'w'], ['next']), makeNode('Identity', ['on'], ['still'])],
          inputs: [
            tensorInfo('i', DataType.INT64, []),
            tensorInfo('on', DataType.BOOL, []),
            tensorInfo('v', DataType.FLOAT, ['n', 4]),
          ],
          outputs: [tensorInfo('still', DataType.BOOL, []), tensorInfo('next', DataType.FLOAT, ['n', 4])],
        }),
      },
    }),
  ],
);

function withFunction(): Model {
  const call = makeNode('Layer', ['x', 'w'], ['y'], { alpha: { float: 0.5 } }, { domain: 'local' });
  const model = makeModel(layer([weight], [call]));
  model.opsetImport.push({ domain: 'local', version: 1 });
  const referring = { name: 'alpha', type: 1, refAttrName: 'alpha' };
  const inner = makeNode('LeakyRelu', ['m'], ['out']);
  model.functions.push({
    ...{ name: 'Layer', domain: 'local', inputs: ['a', 'b'], outputs: ['out'], attributes: ['alpha'] },
    nodes: [makeNode('MatMul', ['a', 'b'], ['m']), { ...inner, attributes: [referring] }],
    ...{ attributeDefaults: [], opsetImport: [{ domain: '', version: 21 }] },
  });
  return model;
}

const { rawData: _, ...unread } = weight;
const external: Tensor = {
  ...unread,
  dataLocation: 1,
  externalData: [
    { key: 'location', value: 'weights.bin' },
    { key: 'offset', value: '64' },
    { key: 'length', value: '64' },
  ],
};

const packed = layer(
  [
    makeTensor('codes', DataType.INT4, [4, 4], Array(16).fill(-3)),
    makeTensor('scale', DataType.FLOAT, [4], [1, 2, 3, 4]),
    makeTensor('zero', DataType.INT4, [4], [0, 1, -1, 0]),
  ],
  [
    makeNode('DequantizeLinear', ['codes', 'scale', 'zero'], ['w'], { axis: 0 }),
    makeNode('MatMul', ['x', 'w'], ['y']),
  ],
);

const text = new TextEncoder().encode('text');
const words = { name: 'words', dataType: DataType.STRING, dims: [2], stringData: [text, text] };

const sparse = {
  ...layer([]),
  sparseInitializers: [
    {
      values: makeTensor('w', DataType.FLOAT, [2], [1, 2]),
      indices: makeTensor('', DataType.INT64, [2, 2], [0, 0, 1, 1]),
      dims: [4, 4],
    },
  ],
};

const computedShape = layer(
  [makeTensor('one', DataType.INT64, [1], [1]), makeTensor('zero', DataType.INT64, [1], [0])],
  [
    makeNode('Shape', ['x'], ['s']),
    makeNode('Gather', ['s', 'zero'], ['n']),
    makeNode('Concat', ['n', 'one', 'one', 'one'], ['wide'], { axis: 0 }),
    makeNode('ConstantOfShape', ['wide'], ['filled']),
    makeNode('Tile', ['one', 'n'], ['tiled']),
    makeNode('Reshape', ['filled', 'tiled'], ['back'], {}),
    makeNode('Expand', ['x', 's'], ['e']),
    makeNode('Add', ['e', 'e'], ['y']),
  ],
);

const floats = [DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE] as const;

export const special: Readonly<Record<string, Model>> = {
  if: makeModel(branches),
  loop: makeModel(loop),
  function: withFunction(),
  external: makeModel(layer([external])),
  int4: makeModel(packed),
  strings: makeModel(layer([weight, words], [makeNode('Add', ['x', 'words'], ['y'])])),
  sparse: makeModel(sparse),
  'computed shape': makeModel(computedShape, { opset: 13 }),
  ...Object.fromEntries(
    floats.map((type) => [
      `weights of type ${type}`,
      makeModel(layer([makeTensor('w', type, [4, 4], Array(16).fill(1.5))])),
    ]),
  ),
  nothing: makeModel(makeGraph({ nodes: [], inputs: [], outputs: [] })),
};
