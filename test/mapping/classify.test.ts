import { expect, test } from 'vitest';
import { unmappedLayers } from '../../src/mapping/classify.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type LocalFunction, type Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { sharedModels } from '../onnx/shared.js';

const { FLOAT } = DataType;
const initializers = [
  makeTensor('w', FLOAT, [2, 2], [1, 2, 3, 4]),
  makeTensor('k', FLOAT, [2], [1, 2]),
  makeTensor('fp8', DataType.UINT8, [2, 2], [1, 2, 3, 4]),
];

function unmapped(nodes: Node[], functions: LocalFunction[] = []) {
  const inputs = [tensorInfo('x', FLOAT, ['N', 2])];
  const graph = makeGraph({ nodes, initializers, inputs, outputs: [tensorInfo('y', FLOAT)] });
  return unmappedLayers({ ...makeModel(graph), functions });
}

test('integer operators', () => {
  const inputs = ['x', 'k', 'k', 'fp8', 'k', 'k', 'k', 'k'];
  const nodes = [makeNode('QLinearConv', inputs, ['y'], {}, { name: 'q' })];
  expect(unmapped(nodes)).toMatchObject([{ where: 'node "q" (QLinearConv)' }]);
});

test('kernels that move', () => {
  const nodes = [makeNode('DeformConv', ['x', 'w', 'x'], ['y'], {}, { name: 'layer' })];
  expect(unmapped(nodes)).toMatchObject([{ where: 'node "layer" (DeformConv)' }]);
});

test('recurrent layers, Einsum and convolutions with a state: stored weights are told, also codes and computed ones', () => {
  const told = (nodes: Node[]) => unmapped(nodes).map(({ what, where }) => [what, where]);
  for (const type of ['RNN', 'LSTM', 'GRU'])
    for (const inputs of [
      ['x', 'w', 'x'],
      ['x', 'x', 'w'],
    ])
      expect(told([makeNode(type, inputs, ['y'], {}, { name: 'layer' })])).toEqual([
        [expect.stringMatching(`the weights .* of ${type} are not placed`), `node "layer" (${type})`],
      ]);
  const codes = [
    makeNode('DequantizeLinear', ['fp8', 'k'], ['wk']),
    makeNode('LSTM', ['x', 'wk', 'wk'], ['y'], {}, { name: 'layer' }),
  ];
  expect(told(codes)).toEqual([[expect.stringContaining('of LSTM are not placed'), 'node "layer" (LSTM)']]);
  const einsum = (inputs: string[]) => [makeNode('Einsum', inputs, ['y'], { equation: 'ij,jk->ik' })];
  expect(told(einsum(['x', 'w']))).toEqual([
    [expect.stringContaining('of Einsum are not placed'), expect.anything()],
  ]);
  expect(told(einsum(['w', 'x']))).toHaveLength(1);
  expect(told(einsum(['x', 'x']))).toEqual([]);
  expect(told([...einsum(['w', 'w']), makeNode('Add', ['x', 'y'], ['z'])])).toEqual([]);
  const stateful = makeNode('CausalConvWithState', ['x', 'w', '', 'x'], ['y', 'state']);
  expect(told([stateful])).toEqual([
    [expect.stringContaining('of CausalConvWithState are not placed'), expect.anything()],
  ]);
  expect(told([makeNode('GRU', ['x', 'x', 'x'], ['y'])])).toEqual([]);
});

test('layers that onnxruntime fused when it saved an optimized model', () => {
  const contributed = { domain: 'com.microsoft', name: 'layer' };
  for (const type of ['FusedConv', 'FusedGemm', 'FusedMatMul'])
    expect(unmapped([makeNode(type, ['x', 'w'], ['y'], {}, contributed)])).toMatchObject([
      {
        what: expect.stringContaining(`of ${type} are not placed`),
        hint: expect.stringContaining('onnxruntime'),
      },
    ]);
  expect(unmapped([makeNode('FusedMatMul', ['x', 'x'], ['y'], {}, contributed)])).toEqual([]);
  expect(unmapped([makeNode('QAttention', ['x', 'fp8'], ['y'], {}, contributed)])).toMatchObject([
    { what: expect.stringContaining('"fp8" of QAttention') },
  ]);
});

test('weights that the graph computes, as weight normalization does', () => {
  const nodes = [
    makeNode('Abs', ['k'], ['scale']),
    makeNode('Mul', ['w', 'scale'], ['wk']),
    makeNode('MatMul', ['x', 'wk'], ['y'], {}, { name: 'layer' }),
  ];
  expect(unmapped(nodes)).toMatchObject([
    { what: expect.stringContaining('computed from constants'), where: 'node "layer" (MatMul)' },
  ]);
});

test('codes of a type that Temper does not read', () => {
  const nodes = [
    makeNode('Cast', ['fp8'], ['codes'], { to: DataType.FLOAT8E4M3FN }),
    makeNode('DequantizeLinear', ['codes', 'k'], ['wk']),
    makeNode('Gemm', ['x', 'wk'], ['y'], {}, { name: 'layer' }),
  ];
  expect(unmapped(nodes)).toMatchObject([{ where: 'node "layer" (Gemm)' }]);
});

test('a computed weight inside a body', () => {
  const body = makeGraph({
    nodes: [makeNode('MatMul', ['x', 'wk'], ['inner'], {}, { name: 'layer' })],
    inputs: [],
    outputs: [tensorInfo('inner', FLOAT)],
  });
  const branches = { then_branch: { graph: body }, else_branch: { graph: body } };
  const nodes = [makeNode('Neg', ['w'], ['wk']), makeNode('If', ['condition'], ['y'], branches)];
  expect(unmapped(nodes).map(({ where }) => where)).toContain(
    'node "layer" (MatMul) in else_branch of node #1 (If) -> y',
  );
});

test('weights that a branch computes or stores', () => {
  const branch = (nodes: Node[], stored = [] as typeof initializers) => ({
    graph: makeGraph({ nodes, initializers: stored, inputs: [], outputs: [tensorInfo('chosen', FLOAT)] }),
  });
  const told = (then_branch: ReturnType<typeof branch>, operand = 'wk') =>
    unmapped([
      makeNode('If', ['k'], ['wk'], { then_branch, else_branch: then_branch }),
      makeNode('MatMul', ['x', operand], ['y'], {}, { name: 'layer' }),
    ]).map(({ where }) => where);
  const outside = branch([makeNode('Neg', ['w'], ['chosen'])]);
  const inside = branch(
    [makeNode('Neg', ['own'], ['chosen'])],
    [makeTensor('own', FLOAT, [2, 2], [1, 2, 3, 4])],
  );
  for (const body of [outside, inside]) expect(told(body)).toEqual(['node "layer" (MatMul)']);
  // Told where it meets the activations.
  expect(told(branch([makeNode('Mul', ['w', 'x'], ['chosen'])]))).toEqual([
    'node #0 (Mul) -> chosen in else_branch of node #0 (If) -> wk',
  ]);
});

test('layers of model-local functions: those that get their weights are mapped, those that store them are not', () => {
  const functionOf = (name: string, nodes: Node[]): LocalFunction => ({
    name,
    domain: 'own',
    inputs: ['a', 'b'],
    outputs: ['c'],
    attributes: [],
    attributeDefaults: [],
    nodes,
    opsetImport: [],
  });
  const own = makeNode('Constant', [], ['k'], { value: { tensor: makeTensor('', FLOAT, [2, 1], [1, 2]) } });
  const functions = [
    functionOf('outer', [makeNode('inner', ['a', 'b'], ['c'], {}, { domain: 'own' })]),
    functionOf('inner', [makeNode('MatMul', ['a', 'b'], ['c'])]),
    functionOf('storing', [own, makeNode('MatMul', ['a', 'k'], ['c'])]),
    functionOf('computing', [makeNode('Neg', ['b'], ['n']), makeNode('MatMul', ['a', 'n'], ['c'])]),
    functionOf('harmless', [makeNode('Add', ['a', 'b'], ['c'])]),
    functionOf('endless', [makeNode('endless', ['a', 'b'], ['c'], {}, { domain: 'own' })]),
  ];
  const call = (name: string, inputs: string[]) => makeNode(name, inputs, ['y'], {}, { domain: 'own' });
  const told = (name: string, inputs = ['x', 'w']) =>
    unmapped([call(name, inputs)], functions).map(({ what }) => what);
  expect(told('outer')).toEqual([]);
  expect(told('outer', ['x', 'x'])).toEqual([]);
  expect(told('storing')).toEqual([
    expect.stringContaining(
      'of MatMul are not placed on a crossbar: they are stored inside of a model-local function',
    ),
  ]);
  expect(told('computing')).toEqual([expect.stringContaining('computed from constants')]);
  expect(told('harmless')).toEqual([]);
  expect(told('endless')).toEqual([expect.stringContaining('the function calls itself')]);
});

test('weights of which a loop takes slices, or that it hands on', () => {
  const value = (name: string) => tensorInfo(name, FLOAT);
  const body = makeGraph({
    nodes: [makeNode('MatMul', ['h', 'slice'], ['next']), makeNode('Identity', ['slice'], ['same'])],
    inputs: [value('h'), value('slice')],
    outputs: [value('next')],
  });
  const scan = makeNode('Scan', ['x', 'w'], ['y'], { num_scan_inputs: 1, body: { graph: body } });
  expect(unmapped([scan])).toMatchObject([{ what: expect.stringContaining('computed from constants') }]);
  const carried = { ...body, outputs: [value('going'), value('next'), value('same')] };
  const loop = makeNode('Loop', ['', '', 'x', 'w'], ['y', 'z'], {
    body: { graph: { ...carried, inputs: [value('i'), value('going'), ...body.inputs] } },
  });
  expect(unmapped([loop])).toMatchObject([{ what: expect.stringContaining('computed from constants') }]);
});

test('products of activations are no layers; of computed vectors they are, as of tables of one value for each activation', () => {
  const nodes = [makeNode('Mul', ['x', 'k'], ['a']), makeNode('MatMul', ['x', 'a'], ['y'])];
  expect(unmapped(nodes)).toEqual([]);
  const vector = [makeNode('Neg', ['k'], ['c']), makeNode('MatMul', ['x', 'c'], ['y'])];
  expect(unmapped(vector)).toMatchObject([{ what: expect.stringContaining('"k" of MatMul') }]);
  expect(unmapped([makeNode('Mul', ['x', 'w'], ['y'])])).toMatchObject([
    { what: expect.stringContaining('"w" of Mul') },
  ]);
});

test.each(sharedModels())('%s: every layer is on a crossbar, or integer', async (path) => {
  const problems = unmappedLayers(await readModel(path));
  // Of domains that onnxruntime does not know, either.
  const foreign = path.includes('separable_conv_ch_last');
  expect(problems.filter(({ what }) => !what.includes('integer codes') && !foreign)).toEqual([]);
});
