import { expect, test } from 'vitest';
import {
  floatAttribute,
  graphAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
} from '../../src/onnx/attributes.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { mapTensors } from '../../src/onnx/tensors.js';
import {
  consumerMap,
  metadata,
  opsetVersion,
  producerMap,
  setMetadata,
  walkNodes,
} from '../../src/onnx/walk.js';

const inner = makeNode('Neg', ['x'], ['z']);
const body = makeGraph({
  name: 'body',
  nodes: [inner],
  initializers: [makeTensor('k', 1, [], [2])],
  inputs: [],
  outputs: [tensorInfo('z', 1)],
});
const branch = makeNode(
  'If',
  ['c'],
  ['y'],
  { then_branch: { graph: body }, else_branch: { graph: body } },
  { name: 'choice' },
);
const add = makeNode('Add', ['y', 'y'], ['s']);
const graph = makeGraph({ nodes: [branch, add], inputs: [], outputs: [tensorInfo('s', 1)] });

test('nodes are walked with their subgraphs', () => {
  const seen = [...walkNodes(graph)].map(({ node, path }) => [node.opType, path.map(({ name }) => name)]);
  expect(seen).toEqual([
    ['If', ['graph']],
    ['Neg', ['graph', 'body']],
    ['Neg', ['graph', 'body']],
    ['Add', ['graph']],
  ]);
});

test('producers and consumers', () => {
  expect(producerMap(graph).get('s')).toBe(add);
  expect(consumerMap(graph).get('y')).toEqual([add]);
  expect(consumerMap(graph).get('x')).toBeUndefined();
});

test('operator sets', () => {
  const model = makeModel(graph, { opset: 13 });
  expect([opsetVersion(model), opsetVersion(model, 'ai.onnx'), opsetVersion(model, 'com.microsoft')]).toEqual(
    [13, 13, 0],
  );
  expect(opsetVersion({ ...model, irVersion: 2, opsetImport: [] })).toBe(1);
});

test('metadata is set on a new model', () => {
  const model = makeModel(graph, { metadata: { a: '1', b: '2' } });
  const changed = setMetadata(setMetadata(model, 'a', '3'), 'c', '4');
  expect([...metadata(changed)]).toEqual([
    ['a', '3'],
    ['b', '2'],
    ['c', '4'],
  ]);
  expect(metadata(model).get('a')).toBe('1');
});

test('attributes by name', () => {
  const node = makeNode('X', [], [], {
    i: 2n ** 63n - 1n,
    n: -3,
    l: [],
    f: { float: 0.5 },
    s: 'ü',
    b: true,
    u: undefined,
  });
  expect(intAttribute(node, 'i')).toBe(Number.MAX_SAFE_INTEGER);
  expect([intAttribute(node, 'n'), intAttribute(node, 'b'), intAttribute(node, 'absent')]).toEqual([
    -3,
    1,
    undefined,
  ]);
  expect(intsAttribute(node, 'l')).toEqual([]);
  expect([floatAttribute(node, 'f'), stringAttribute(node, 's')]).toEqual([0.5, 'ü']);
  expect(node.attributes.some(({ name }) => name === 'u')).toBe(false);
  expect(graphAttribute(branch, 'then_branch')).toBe(body);
});

test('mapping tensors reaches subgraphs and shares what did not change', () => {
  const model = makeModel(graph);
  const renamed = mapTensors(model, (tensor) => ({ ...tensor, name: `${tensor.name}2` }));
  expect(graphAttribute(renamed.graph.nodes[0]!, 'else_branch')!.initializers[0]!.name).toBe('k2');
  expect(renamed.graph.nodes[1]).toBe(add);
  expect(mapTensors(model, (tensor) => tensor)).toBe(model);
});
