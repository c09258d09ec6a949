/** Models that onnxruntime cannot survive end another process than this one, and are refused with the reason. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Dataset } from '../../../src/data/dataset.js';
import { type Normalization, unitScale } from '../../../src/data/normalize.js';
import { type AttributeValue, makeGraph, makeModel, makeNode, tensorInfo } from '../../../src/onnx/build.js';
import { readModelFile } from '../../../src/onnx/file.js';
import { DataType, type Model, type Node, type Tensor } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import { writeModel } from '../../../src/onnx/writeFile.js';
import { rehearse } from '../../../src/verify/feed/rehearse.js';

const folder = mkdtempSync(join(tmpdir(), 'temper-rehearse-'));
afterAll(() => rmSync(folder, { recursive: true }));

const int64 = (name: string, ...values: bigint[]) =>
  makeTensor(name, DataType.INT64, [values.length], values);
const scalar = (name: string, value: bigint): Tensor => ({ ...int64(name, value), dims: [] });

/** x [n, 1, 4, 4] to y. */
function model(nodes: Node[], initializers: Tensor[] = []): Model {
  const graph = makeGraph({
    nodes,
    initializers,
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', 1, 4, 4])],
    outputs: [tensorInfo('y', DataType.FLOAT)],
  });
  return makeModel(graph, { opset: 17, irVersion: 8 });
}

/** a -> Cos(a), so many times, and again as often as `around` says. */
function loop(
  inputs: string[],
  output: string,
  type: string,
  attributes: Record<string, AttributeValue> = {},
) {
  const graph = makeGraph({
    nodes: [makeNode('Identity', ['c'], ['go_on']), makeNode(type, ['a'], ['b'], attributes)],
    inputs: [
      tensorInfo('i', DataType.INT64, []),
      tensorInfo('c', DataType.BOOL, []),
      tensorInfo('a', DataType.FLOAT),
    ],
    outputs: [tensorInfo('go_on', DataType.BOOL, []), tensorInfo('b', DataType.FLOAT)],
  });
  return makeNode('Loop', inputs, [output], { body: { graph } });
}

const always = makeTensor('always', DataType.BOOL, [], [1]);
const dataset: Dataset = {
  ...{ spec: 'test', split: 'test', classes: 2, files: [], shape: [1, 4, 4], count: 300 },
  examples: Float32Array.from({ length: 300 * 16 }, (_, i) => Math.sin(i)),
  labels: Int32Array.from({ length: 300 }, (_, i) => i % 2),
};

async function fate(
  trial: Model,
  limits = { memory: 1, seconds: 2 },
  normalizations?: Normalization[],
): Promise<string> {
  const path = join(folder, 'model.onnx');
  await writeModel(path, trial);
  return rehearse(path, { dataset, normalizations, model: trial, limits }).then(
    () => 'survived',
    (error) => `${error.kind}: ${error.problems[0].what} at ${error.problems[0].where.replace(path, 'FILE')}`,
  );
}

it('a division by zero inside onnxruntime', async () => {
  const nodes = [
    makeNode('Relu', ['x'], ['a']),
    makeNode('DepthToSpace', ['a'], ['b'], { blocksize: 2 ** 40 }, { name: 'blocks' }),
    makeNode('Relu', ['a'], ['c']),
    makeNode('Concat', ['b', 'c'], ['y'], { axis: 1 }),
  ];
  expect(await fate(model(nodes))).toBe(
    'model: the process in which the model was tried ended with SIGFPE when it is opened: it makes onnxruntime crash at node "blocks" (DepthToSpace) in FILE',
  );
});

it('a loop of 2^63 - 1 rounds', async () => {
  const endless = loop(['rounds', 'always', 'x'], 'y', 'Cos');
  expect(await fate(model([endless], [scalar('rounds', 2n ** 63n - 1n), always]))).toBe(
    'model: onnxruntime takes more than 2 s for this model when it is run on 256 examples at FILE',
  );
});

it('memory beyond the limit', async () => {
  const nodes = [
    makeNode('Expand', ['x', 'shape'], ['large']),
    makeNode('Cos', ['large'], ['cosines']),
    makeNode('ReduceMax', ['cosines'], ['y'], { keepdims: 0 }),
  ];
  expect(
    await fate(model(nodes, [int64('shape', 2n ** 20n, 1n, 1n, 1n, 1n)]), { memory: 1, seconds: 60 }),
  ).toBe(
    'model: onnxruntime takes more than 1.0 GiB of memory for this model when it is run on 256 examples at FILE',
  );
});

it('memory beyond the limit for a part of the batch, where that for all of it is refused', async () => {
  const pads = [0n, 0n, 0n, 0n, 0n, 0n, 0n, 2n ** 24n];
  const nodes = [makeNode('Pad', ['x', 'pads'], ['y'])];
  expect(await fate(model(nodes, [int64('pads', ...pads)]), { memory: 1, seconds: 60 })).toMatch(
    /^model: onnxruntime takes more than 1.0 GiB of memory for this model when it is run on \d+ examples at FILE$/,
  );
});

it('an honest model survives, and what onnxruntime refuses in words is no death', async () => {
  expect(await fate(model([makeNode('Relu', ['x'], ['y'])]))).toBe('survived');
  expect(await fate(model([makeNode('Gemm', ['x', 'x'], ['y'])]))).toBe('survived');
});

it('a loop whose rounds follow its input, under the scaling that will be used', async () => {
  const nodes = [
    makeNode('ReduceMax', ['x'], ['largest'], { keepdims: 0 }),
    makeNode('Cast', ['largest'], ['rounds'], { to: DataType.INT64 }),
    loop(['rounds', 'always', 'x'], 'y', 'Cos'),
  ];
  const wide = { mean: [0], std: [1e-15] };
  expect(await fate(model(nodes, [always]), undefined, [unitScale])).toBe('survived');
  expect(await fate(model(nodes, [always]), undefined, [unitScale, wide])).toMatch(/more than 2 s/);
});

it('another file than the one that was read is refused by name', async () => {
  const path = join(folder, 'replaced.onnx');
  await writeModel(path, model([makeNode('Relu', ['x'], ['y'])]));
  const { sha256 } = await readModelFile(path);
  await rehearse(path, { dataset, sha256 });
  await writeModel(path, model([makeNode('Cos', ['x'], ['y'])]));
  await expect(rehearse(path, { dataset, sha256 })).rejects.toMatchObject({
    kind: 'io',
    problems: [{ what: expect.stringContaining('the model was replaced'), where: path }],
  });
});

it('the same under a later scaling, though a batch under the first is refused in words', async () => {
  const nodes = [
    makeNode('ReduceMax', ['x'], ['largest'], { keepdims: 0 }),
    makeNode('Cast', ['largest'], ['rounds'], { to: DataType.INT64 }),
    loop(['rounds', 'always', 'x'], 'turned', 'Cos'),
    makeNode('Gather', ['turned', 'rounds'], ['y']),
  ];
  const beyond = { mean: [0], std: [1e-3] };
  const wide = { mean: [0], std: [1e-15] };
  expect(await fate(model(nodes, [always]), undefined, [beyond])).toBe('survived');
  expect(await fate(model(nodes, [always]), undefined, [beyond, wide])).toMatch(/more than 2 s/);
});
