/** The conformance run says what is right and what is wrong. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Node, type Tensor } from '../../src/onnx/model.js';
import { tensorType } from '../../src/onnx/schema.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { findCases } from './cases.js';
import { checkCase } from './check.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A case on disk: inputs and the expected output, in the order of the model. */
function writeCase(name: string, nodes: Node[], inputs: Tensor[], output: Tensor): string {
  const place = join(folder, name);
  const data = join(place, 'test_data_set_0');
  mkdirSync(data, { recursive: true });
  const infoOf = ({ name: value, dataType, dims }: Tensor) => tensorInfo(value, dataType, dims);
  const graph = makeGraph({ nodes, initializers: [], inputs: inputs.map(infoOf), outputs: [infoOf(output)] });
  writeFileSync(join(place, 'model.onnx'), encodeModel(makeModel(graph, { opset: 21, irVersion: 10 })));
  const write = (file: string, tensor: Tensor) =>
    writeFileSync(join(data, file), tensorType.encode(tensor).finish());
  for (const [i, tensor] of inputs.entries()) write(`input_${i}.pb`, tensor);
  write('output_0.pb', output);
  return place;
}

const x = makeTensor('x', DataType.FLOAT, [2, 3], [1, 2, 3, 4, 5, 6]);

it('passes what is right, within the tolerance of the suite', async () => {
  const y = makeTensor('y', DataType.FLOAT, [2, 3], [2, 4, 6, 8, 10.005, 12]);
  const place = writeCase('right', [makeNode('Add', ['x', 'x'], ['y'])], [x], y);
  expect(findCases(folder)).toContain(place);
  expect(await checkCase(place)).toEqual({ operators: ['Add'], bound: [], failures: {} });
});

it.each([
  ['values', makeTensor('y', DataType.FLOAT, [2, 3], [2, 4, 6, 8, 10.02, 12]), /differs in 1 of 6 values/],
  ['shapes', makeTensor('y', DataType.FLOAT, [3, 2], [2, 4, 6, 8, 10, 12]), /is \[2,3\], not \[3,2\]/],
  ['types', makeTensor('y', DataType.DOUBLE, [2, 3], [2, 4, 6, 8, 10, 12]), /is FLOAT, not DOUBLE/],
])('tells wrong %s, on both engines', async (kind, y, complaint) => {
  const place = writeCase(`wrong-${kind}`, [makeNode('Add', ['x', 'x'], ['y'])], [x], y);
  const { failures } = await checkCase(place);
  expect(failures.compiled).toMatch(complaint);
  expect(failures.cpu).toMatch(complaint);
});

it('binds shapes and leaves data to flow', async () => {
  const shape = makeTensor('shape', DataType.INT64, [2], [3n, 2n]);
  const indices = makeTensor('indices', DataType.INT64, [1], [1n]);
  const nodes = [makeNode('Reshape', ['x', 'shape'], ['r']), makeNode('Gather', ['r', 'indices'], ['y'])];
  const y = makeTensor('y', DataType.FLOAT, [1, 2], [3, 4]);
  expect(await checkCase(writeCase('bound', nodes, [x, shape, indices], y))).toMatchObject({
    operators: ['Gather', 'Reshape'],
    bound: ['shape'],
    failures: {},
  });
});

it('says what is out of scope, by the model', async () => {
  const nodes = [makeNode('NonZero', ['x'], ['y'])];
  const y = makeTensor('y', DataType.INT64, [2, 0], []);
  expect((await checkCase(writeCase('foreign', nodes, [x], y))).outOfScope).toMatch(/^NonZero: /);
});

it('tells what the public importModel refuses, though the network runs', async () => {
  const y = makeTensor('y', DataType.FLOAT, [3], [5, 7, 9]);
  const place = writeCase(
    'mixed',
    [makeNode('ReduceSum', ['x', 'axes'], ['y'], { keepdims: 0 })],
    [x, makeTensor('axes', DataType.INT64, [1], [0])],
    y,
  );
  const verdict = await checkCase(place);
  expect(verdict.failures).toEqual({});
  expect(verdict.refused).toMatch(/batch/);
});
