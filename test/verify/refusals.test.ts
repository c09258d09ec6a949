import { expect, test } from 'vitest';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { type VerifyOptions, verify } from '../../src/verify/verify.js';
import * as net from './models.js';

const dataset = await net.datasetFor(net.modelOf(), 20);

function run(model: Model, options: Partial<VerifyOptions> = {}) {
  return verify({
    model: encodeModel(model),
    dataset,
    devices: ['gaussian:0.1'],
    draws: 2,
    threads: 1,
    ...options,
  });
}

test('bad options are refused together', async () => {
  const running = run(net.modelOf(), {
    draws: 0,
    seed: 1.5,
    limit: 0,
    devices: ['gaussian:x', 'memristor:1'],
    writeChip: { chip: -1, file: 'chip.onnx' },
  });
  await expect(running).rejects.toMatchObject({ kind: 'usage' });
  await expect(running).rejects.toThrow(
    /draws[^]*seed[^]*limit[^]*chip to write[^]*"x" is no value[^]*memristor/,
  );
});

test('a chip is written of one device only, and a device is given once', async () => {
  const writeChip = { chip: 0, file: 'chip.onnx' };
  await expect(run(net.modelOf(), { writeChip, devices: ['gaussian:0.1', 'gaussian:0.2'] })).rejects.toThrow(
    /one device/,
  );
  await expect(run(net.modelOf(), { devices: ['gaussian:0.1', 'gaussian:.1'] })).rejects.toThrow(/twice/);
});

test('noise that cannot reach the outputs is refused, not reported as perfect robustness', async () => {
  // Everything the weights compute is multiplied by zero; the scores come from the input.
  const nodes = [
    makeNode('MatMul', ['x', 'w'], ['h']),
    makeNode('Mul', ['h', 'zero'], ['none']),
    makeNode('Slice', ['x', 'start', 'end', 'axis'], ['scores']),
    makeNode('Add', ['scores', 'none'], ['y']),
  ];
  const int64 = (name: string, value: bigint) => makeTensor(name, DataType.INT64, [1], [value]);
  const initializers = [
    net.floatTensor('w', [net.inputs, net.classes], net.normals('w', net.inputs * net.classes)),
    net.floatTensor('zero', [], [0]),
    int64('start', 0n),
    int64('end', BigInt(net.classes)),
    int64('axis', 1n),
  ];
  await expect(run(net.modelOf({ nodes, initializers }))).rejects.toThrow(/does not change the outputs/);
});

test('a model without crossbar weights is refused', async () => {
  const nodes = [makeNode('ReduceMax', ['x', 'axis'], ['m']), makeNode('Expand', ['m', 'shape'], ['y'])];
  const initializers = [
    makeTensor('axis', DataType.INT64, [1], [1n]),
    makeTensor('shape', DataType.INT64, [2], [1n, 3n]),
  ];
  await expect(run(net.modelOf({ nodes, initializers }))).rejects.toThrow(/no weights to perturb/);
});

test('weights used as integer codes are refused: they would stay unperturbed', async () => {
  const nodes = [
    makeNode('MatMulInteger', ['q', 'codes'], ['n'], {}, { name: 'integer layer' }),
    makeNode('Cast', ['x'], ['q'], { to: DataType.UINT8 }),
    makeNode('Cast', ['n'], ['y'], { to: DataType.FLOAT }),
  ];
  const codes = makeTensor('codes', DataType.INT8, [net.inputs, net.classes], new Int8Array(18).fill(1));
  const model = net.modelOf({ nodes: [nodes[1]!, nodes[0]!, nodes[2]!], initializers: [codes] });
  await expect(run(model)).rejects.toThrow(/MatMulInteger[^]*integer layer/);
});

test('inputs and outputs that examples do not fit are refused together', async () => {
  const graph = makeGraph({
    nodes: [
      makeNode('Add', ['x', 'z'], ['s']),
      makeNode('MatMul', ['s', 'w2'], ['scores']),
      makeNode('ArgMax', ['scores'], ['y'], { axis: 1, keepdims: 0 }),
    ],
    initializers: [net.w2],
    inputs: [
      tensorInfo('x', DataType.FLOAT, ['N', net.hidden]),
      tensorInfo('z', DataType.FLOAT, ['N', net.hidden]),
    ],
    outputs: [tensorInfo('y', DataType.INT64, ['N'])],
  });
  await expect(run(makeModel(graph))).rejects.toThrow(/2 inputs \(x, z\)[^]*output "y" is int64/);
});

test('data of another shape, or of other classes, are refused before any chip is drawn', async () => {
  const wide = { ...dataset, shape: [2, 3] };
  const fine = await run(net.modelOf(), { dataset: wide }); // the same six values
  expect(fine.notes.join()).toMatch(/order of the values/);
  const labels = dataset.labels.map((label) => label + 1);
  await expect(run(net.modelOf(), { dataset: { ...dataset, labels } })).rejects.toMatchObject({
    kind: 'model',
  });
  const short = { ...dataset, shape: [5], count: 24, labels: new Int32Array(24) };
  await expect(run(net.modelOf(), { dataset: short })).rejects.toThrow(/shape \[5\], the model wants \[6\]/);
});

test('a file that is not there, or is no model, is refused', async () => {
  await expect(run(net.modelOf(), { model: 'nowhere.onnx' })).rejects.toMatchObject({ kind: 'io' });
  await expect(run(net.modelOf(), { model: Uint8Array.of(1, 2, 3) })).rejects.toMatchObject({
    kind: 'model',
  });
});

test('what onnxruntime cannot load is told with the file and with what to do', async () => {
  const nodes = [
    makeNode('Strange', ['x'], ['z'], {}, { domain: 'nobody.knows' }),
    makeNode('MatMul', ['z', 'w1'], ['h']),
    makeNode('MatMul', ['h', 'w2'], ['y']),
  ];
  await expect(run(net.modelOf({ nodes }))).rejects.toMatchObject({
    kind: 'model',
    problems: [{ where: 'the model', hint: expect.stringContaining('temper inspect') }],
  });
});
