import { expect, test } from 'vitest';
import { unmappedLayers } from '../../src/mapping/classify.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

const { FLOAT, INT64, INT8 } = DataType;
const initializers = [
  makeTensor('k', FLOAT, [3], [1, 2, 3]),
  makeTensor('row', FLOAT, [1, 3], [1, 2, 3]),
  makeTensor('rows', FLOAT, [2, 3], [1, 2, 3, 4, 5, 6]),
  makeTensor('step', FLOAT, [], [0.1]),
  makeTensor('zero', INT8, [], [0]),
  makeTensor('low', FLOAT, [], [-9]),
  makeTensor('high', FLOAT, [], [9]),
  makeTensor('places', INT64, [1, 3], [0, 1, 2]),
  makeTensor('last', INT64, [1], [-1]),
  makeTensor('column', INT64, [2], [3, 1]),
];

function unmapped(nodes: Node[]) {
  const inputs = [tensorInfo('x', FLOAT, [1, 3])];
  const graph = makeGraph({ nodes, initializers, inputs, outputs: [tensorInfo('y', FLOAT)] });
  return unmappedLayers(makeModel(graph)).map(({ what }) => what);
}

const told = [expect.stringMatching(/the weights "k" .* are summed here/)];
const scaled = makeNode('Mul', ['x', 'k'], ['p'], {}, { name: 'scale' });
const summed = makeNode('ReduceSum', ['q', 'last'], ['y']);

test.each([
  [
    'codes',
    [
      makeNode('QuantizeLinear', ['p', 'step', 'zero'], ['c']),
      makeNode('DequantizeLinear', ['c', 'step', 'zero'], ['q']),
    ],
  ],
  ['rounding', [makeNode('Round', ['p'], ['q'])]],
  ['a type', [makeNode('CastLike', ['p', 'x'], ['q'])]],
  ['bounds', [makeNode('Clip', ['p', 'low', 'high'], ['q'])]],
  ['a bound', [makeNode('Min', ['p', 'high'], ['q'])]],
  ['a rectifier', [makeNode('Relu', ['p'], ['q'])]],
  ['Tanh', [makeNode('Tanh', ['p'], ['q'])]],
])('scaled activations that are summed are a product, also behind %s', (_, nodes) => {
  expect(unmapped([scaled, ...nodes, summed])).toEqual(told);
});

test('slopes are scales of what is negative', () => {
  expect(unmapped([makeNode('PRelu', ['x', 'k'], ['q']), summed])).toEqual(told);
  expect(unmapped([makeNode('PRelu', ['x', 'k'], ['y'])])).toEqual([]);
});

test('a product with ones is a sum', () => {
  const ones = makeNode('ConstantOfShape', ['column'], ['ones'], {
    value: { tensor: makeTensor('', FLOAT, [1], [1]) },
  });
  const nodes = [scaled, ones, makeNode('MatMul', ['p', 'ones'], ['y'])];
  expect(unmapped(nodes)).toEqual(told);
  expect(unmapped([ones, makeNode('MatMul', ['x', 'ones'], ['y'])])).toEqual([]);
});

test('the largest distance from stored rows is a comparison with all of them', () => {
  const nodes = (type: string) => [
    makeNode('Sub', ['x', 'rows'], ['d']),
    makeNode('Abs', ['d'], ['a']),
    makeNode(type, ['a'], ['y'], { axes: [-1] }),
  ];
  for (const type of ['ReduceMax', 'ReduceMean'])
    expect(unmapped(nodes(type))).toEqual([expect.stringContaining('the weights "rows" of')]);
});

test('what is scattered with a reduction does not merely stand beside activations', () => {
  const scatter = (reduction: string) => [
    makeNode('ScatterElements', ['x', 'places', 'row'], ['q'], { axis: 1, reduction }),
    summed,
  ];
  expect(unmapped(scatter('mul'))).toEqual([
    expect.stringContaining('"row" of ScatterElements are not placed on a crossbar'),
  ]);
  for (const reduction of ['none', 'add']) expect(unmapped(scatter(reduction))).toEqual([]);
});

test('a mean that serves to normalize is none, also between codes', () => {
  const coded = (from: string, to: string) => [
    makeNode('QuantizeLinear', [from, 'step', 'zero'], [`${to}c`]),
    makeNode('DequantizeLinear', [`${to}c`, 'step', 'zero'], [to]),
  ];
  const nodes = [
    scaled,
    ...coded('p', 'q'),
    makeNode('ReduceMean', ['q'], ['m'], { axes: [-1] }),
    ...coded('m', 'mq'),
    makeNode('Sub', ['q', 'mq'], ['y']),
  ];
  expect(unmapped(nodes)).toEqual([]);
});

test('scaled slices of one value that are added are a convolution written out', () => {
  const slice = (from: string, to: string, name: string) =>
    makeNode('Slice', ['wide', from, to, 'axis'], [name], {});
  const shifted = (factors: string[], sum: Node): Node[] => [
    makeNode('Pad', ['x', 'ends'], ['wide']),
    slice('first', 'fourth', 'a'),
    slice('second', 'fifth', 'b'),
    ...factors.map((factor, i) => makeNode('Mul', ['ab'[i]!, factor], [`p${i}`], {}, { name: `tap${i}` })),
    sum,
  ];
  const more = [
    makeTensor('ends', INT64, [4], [0, 0, 0, 1]),
    makeTensor('axis', INT64, [1], [1]),
    makeTensor('new', INT64, [1], [1]),
    ...['first', 'second', '', 'fourth', 'fifth'].flatMap((name, at) =>
      name ? [makeTensor(name, INT64, [1], [at])] : [],
    ),
    makeTensor('k2', FLOAT, [3], [4, 5, 6]),
  ];
  const of = (nodes: Node[]) => {
    const inputs = [tensorInfo('x', FLOAT, [1, 3])];
    const graph = makeGraph({
      ...{ nodes, inputs, outputs: [tensorInfo('y', FLOAT)] },
      initializers: [...initializers, ...more],
    });
    return unmappedLayers(makeModel(graph)).map(({ what }) => what);
  };
  const taps = of(shifted(['k', 'k2'], makeNode('Add', ['p0', 'p1'], ['y'])));
  expect(taps).toEqual([expect.stringMatching(/"k".*added to other parts of the same value/)]);
  expect(of(shifted(['k', 'k2'], makeNode('Sum', ['p0', 'p1'], ['y'])))).toHaveLength(1);
  // Stacked and summed along that axis, as stack([...]).sum() is exported.
  const stack = [
    ...['p0', 'p1'].map((name) => makeNode('Unsqueeze', [name, 'new'], [`${name}u`])),
    makeNode('Concat', ['p0u', 'p1u'], ['s'], { axis: 1 }),
    makeNode('ReduceSum', ['s', 'new'], ['y'], { keepdims: 0 }),
  ];
  const product = of([...shifted(['k', 'k2'], stack[0]!), ...stack.slice(1)]);
  expect(product).toEqual([expect.stringMatching(/"k".*are summed here/)]);
  // Side by side they stay scales, and so does a mixture of numbers (grey from colours).
  expect(of(shifted(['k', 'k2'], makeNode('Concat', ['p0', 'p1'], ['y'], { axis: 1 })))).toEqual([]);
  expect(of(shifted(['step', 'high'], makeNode('Add', ['p0', 'p1'], ['y'])))).toEqual([]);
  // One value, scaled twice: still a scale.
  const twice = [makeNode('Mul', ['x', 'k'], ['p']), makeNode('Mul', ['x', 'k2'], ['q'])];
  expect(of([...twice, makeNode('Add', ['p', 'q'], ['y'])])).toEqual([]);
});

test('matches with stored rows that are counted are a comparison with all of them', () => {
  const nodes = (count: string) => [
    makeNode('Greater', ['x', 'rows'], ['g']),
    makeNode('Cast', ['g'], ['q'], { to: FLOAT }),
    makeNode(count, ['q'], ['y'], { axes: [-1] }),
  ];
  expect(unmapped(nodes('ReduceSum'))).toEqual([expect.stringContaining('the weights "rows" of')]);
  expect(
    unmapped([...nodes('ReduceSum').slice(0, 1), makeNode('Cast', ['g'], ['y'], { to: FLOAT })]),
  ).toEqual([]);
});
