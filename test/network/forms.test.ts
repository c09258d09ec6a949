/** Forms that engines read differently, or that compute nothing: refused with their reason. And some that once went wrong. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { inspectNetwork } from '../../src/network/network.js';
import { probeNetwork } from '../../src/network/probe.js';
import { makeGraph, makeModel, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { float32, int32, int64 as int64Values } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { int64, model, node, weight } from './onnxModels.js';

function reasons(file: Model): string[] {
  const { network, plan } = inspectNetwork(file);
  return probeNetwork(network, plan).problems.map(({ what }) => what);
}

describe('refused', () => {
  it.each<[string, (number | string)[], Node, Tensor[], RegExp]>([
    [
      'a kernel larger than the input',
      ['n', 2, 4, 4],
      node('Conv', ['x', 'w'], ['y']),
      [weight('w', [3, 2, 7, 7])],
      /a kernel \[7,7\] does not fit into \[4,4\]/,
    ],
    [
      'a pool larger than the input',
      ['n', 2, 4],
      node('MaxPool', ['x'], ['y'], { kernel_shape: [7] }),
      [],
      /a kernel \[7\] does not fit/,
    ],
    [
      'pads that leave nothing',
      ['n', 2, 3],
      node('ConvTranspose', ['x', 'w'], ['y'], { pads: [3, 3] }),
      [weight('w', [2, 2, 3])],
      /leave nothing of \[5\]/,
    ],
    [
      'a bias of another size',
      ['n', 2, 4],
      node('Conv', ['x', 'w', 'b'], ['y']),
      [weight('w', [3, 2, 3]), weight('b', [1])],
      /bias \[1\] for 3 channels/,
    ],
    [
      'same padding, dilated: Conv',
      ['n', 2, 8],
      node('Conv', ['x', 'w'], ['y'], { auto_pad: 'SAME_UPPER', dilations: [2] }),
      [weight('w', [3, 2, 3])],
      /auto_pad SAME_UPPER with dilations/,
    ],
    [
      'same padding, dilated: MaxPool',
      ['n', 2, 8],
      node('MaxPool', ['x'], ['y'], { kernel_shape: [3], auto_pad: 'SAME_LOWER', dilations: [2] }),
      [],
      /auto_pad SAME_LOWER with dilations/,
    ],
    [
      'same padding that were negative',
      ['n', 2, 6],
      node('AveragePool', ['x'], ['y'], { kernel_shape: [1], strides: [3], auto_pad: 'SAME_UPPER' }),
      [],
      /pads would be negative/,
    ],
    [
      'same padding that would begin inside the input: Conv',
      ['n', 2, 4],
      node('Conv', ['x', 'w'], ['y'], { strides: [4], auto_pad: 'SAME_UPPER' }),
      [weight('w', [3, 2, 1])],
      /pads would be negative/,
    ],
    [
      'a window that dilation leads past all elements',
      ['n', 2, 1],
      node('MaxPool', ['x'], ['y'], { kernel_shape: [2], dilations: [2], pads: [1, 1] }),
      [],
      /a window holds padding only/,
    ],
    [
      'wrapped padding beyond the extent',
      ['n', 3],
      node('Pad', ['x', 'p'], ['y'], { mode: 'wrap' }),
      [int64('p', [0, 4, 0, 0])],
      /mode "wrap" with pads 4 and 0 for 3 elements/,
    ],
    [
      'wrapped padding that crops',
      ['n', 3],
      node('Pad', ['x', 'p'], ['y'], { mode: 'wrap' }),
      [int64('p', [0, -1, 0, 2])],
      /mode "wrap" with pads -1 and 2/,
    ],
    [
      'reflection of what is cropped',
      ['n', 4],
      node('Pad', ['x', 'p'], ['y'], { mode: 'reflect' }),
      [int64('p', [0, -2, 0, 2])],
      /mode "reflect" with pads -2 and 2/,
    ],
    [
      'reflection beyond the extent',
      ['n', 3],
      node('Pad', ['x', 'p'], ['y'], { mode: 'reflect' }),
      [int64('p', [0, 0, 0, 3])],
      /mode "reflect" with pads 0 and 3/,
    ],
    ['Slice without starts', ['n', 3], node('Slice', ['x'], ['y']), [], /starts and ends are missing/],
  ])('%s', (_, shape, only, initializers, reason) => {
    expect(reasons(model(shape, [only], initializers, 19))[0]).toMatch(reason);
  });

  it('conversions to unsigned integers that do not fit', () => {
    const file = model(['n', 3], [node('Cast', ['x'], ['y'], { to: DataType.UINT32 })]);
    expect(inspectNetwork(file).problems[0]!.what).toMatch(/attribute "to" = 12 is not supported/);
  });
});

/** Outputs of an integer model: onnxruntime's own, and those of the compiled network. */
async function integers(nodes: Node[], initializers: Tensor[], values: number[]) {
  const file = makeModel(
    makeGraph({
      nodes,
      initializers,
      inputs: [tensorInfo('x', DataType.INT64, [values.length])],
      outputs: [tensorInfo('y', DataType.INT64, [values.length])],
    }),
  );
  const session = await openSession(encodeModel(file), { threads: 1 });
  const { y } = await session.run({ x: int64Values([values.length], values) });
  await session.release();
  const { network } = inspectNetwork(file);
  const compiled = await compileFunction(
    (inputs) => network.forward({}, inputs).outputs,
    [{ name: 'x', shape: [values.length], dtype: 'int32' }],
    { threads: 1 },
  );
  const { y: ours } = await compiled.run({ x: int32([values.length], values) });
  await compiled.release();
  return { expected: Array.from(y!.data, Number), actual: Array.from(ours!.data, Number) };
}

const scalar = (name: string, value: number) => makeTensor(name, DataType.INT64, [], [value]);

describe('integers, compiled', () => {
  it.each<[string, Node, Tensor[], number?]>([
    ['Clip from below', node('Clip', ['x', 'bound'], ['y']), [scalar('bound', 4)]],
    ['Clip from above', node('Clip', ['x', '', 'bound'], ['y']), [scalar('bound', 4)]],
    ['Div by a number', node('Div', ['x', 'd'], ['y']), [scalar('d', 3)]],
    ['Div by a negative number', node('Div', ['x', 'd'], ['y']), [scalar('d', -7)]],
    ['Cast to int4 and back', node('Cast', ['codes'], ['y'], { to: DataType.INT64 }), [], DataType.INT4],
    ['Cast to uint4 and back', node('Cast', ['codes'], ['y'], { to: DataType.INT64 }), [], DataType.UINT4],
  ])('%s is exact', async (_, only, initializers, codes) => {
    const first = codes ? [node('Cast', ['x'], ['codes'], { to: codes })] : [];
    const { actual, expected } = await integers(
      [...first, only],
      initializers,
      [-100000001, -5, 0, 5, 33554433, 100000001],
    );
    expect(actual).toEqual(expected);
  });
});

it('ConvTranspose with same padding where the kernel is smaller than the stride', async () => {
  const nodes = [node('ConvTranspose', ['x', 'w'], ['y'], { strides: [3], auto_pad: 'SAME_UPPER' })];
  const file = model([1, 2, 4], nodes, [weight('w', [2, 3, 2])]);
  const session = await openSession(encodeModel(file), { threads: 1 });
  const x = weight('x', [1, 2, 4]);
  const values = new Float32Array(x.rawData!.slice().buffer);
  const { y } = await session.run({ x: float32([1, 2, 4], values) });
  await session.release();
  await tf.setBackend('cpu');
  const ours = inspectNetwork(file).network.forward({}, { x: tf.tensor(values, [1, 2, 4]) }).outputs.y!;
  expect(ours.shape).toEqual(y!.dims);
  ours.dataSync().forEach((value, i) => {
    expect(value).toBeCloseTo(Number(y!.data[i]), 5);
  });
});
