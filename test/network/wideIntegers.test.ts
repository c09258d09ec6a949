/** Integers that the file computes beyond int32: as onnxruntime has them, or refused by name. Never wrapped without a word. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { checkModel } from '../../src/import/check.js';
import { importModel } from '../../src/import/importModel.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { int64, model, node } from './onnxModels.js';

const toInt = (x: string, y: string) => node('Cast', [x], [y], { to: DataType.INT64 });
const toFloat = (x: string, y: string) => node('Cast', [x], [y], { to: DataType.FLOAT });
const x = [70000, -70000, 3, 46341, -46341, 0];

interface Outputs {
  runtime: number[];
  compiled: number[];
  cpu: number[];
}

async function outputsOf(file: Model): Promise<Outputs> {
  const feeds = { x: float32([1, 6], x) };
  const session = await openSession(encodeModel(file), { threads: 1 });
  const { y } = await session.run(feeds);
  await session.release();
  const { network } = importModel(file);
  const forward = (inputs: Record<string, tf.Tensor>) => network.forward({}, inputs).outputs;
  const program = await compileFunction(forward, [{ name: 'x', shape: [1, 6], dtype: 'float32' }], {
    threads: 1,
  });
  const { y: compiled } = await program.run(feeds);
  await program.release();
  await tf.setBackend('cpu');
  const cpu = tf.tidy(() => Array.from(forward({ x: tf.tensor(x, [1, 6]) }).y!.dataSync(), Number));
  const numbers = (data: unknown) => Array.from(data as ArrayLike<number | bigint>, Number);
  return { runtime: numbers(y!.data), compiled: numbers(compiled!.data), cpu };
}

const factor = makeTensor('f', DataType.INT64, [], [70000n]);
const large = makeTensor('l', DataType.INT64, [], [5_000_000_000n]);
const zero = int64('zero', [0]);

describe('cast to floats at the end, it is as onnxruntime has it', () => {
  it.each<[string, Node[], Tensor[]]>([
    ['a product of data', [node('Mul', ['i', 'i'], ['m'])], []],
    ['a product with a constant', [node('Mul', ['i', 'f'], ['m'])], [factor]],
    [
      'moved and chosen',
      [node('Mul', ['i', 'i'], ['p']), node('Gather', ['p', 'at'], ['m'], { axis: 1 })],
      [int64('at', [5, 3, 0, 1, 2, 4])],
    ],
    [
      'a cumulative sum',
      [node('Cast', ['x'], ['j'], { to: DataType.INT64 }), node('CumSum', ['j', 'one'], ['m'])],
      [int64('one', [1])],
    ],
    [
      'a sum of squares',
      [node('ReduceSumSquare', ['i'], ['s'], { axes: [1] }), node('Identity', ['s'], ['m'])],
      [],
    ],
    [
      'a product of all',
      [node('Slice', ['i', 'zero', 'two', 'one'], ['t']), node('ReduceProd', ['t'], ['m'], { axes: [1] })],
      [zero, int64('two', [2]), int64('one', [1])],
    ],
    [
      'a stored integer',
      [node('Mul', ['i', 'zero'], ['n']), node('Where', ['no', 'n', 'l'], ['m'])],
      [large, zero, makeTensor('no', DataType.BOOL, [1], [0])],
    ],
    ['a float beyond', [], []],
  ])('%s', async (what, nodes, initializers) => {
    const float = what === 'a float beyond';
    const before = float ? [node('Mul', ['x', 'k'], ['xl']), toInt('xl', 'm')] : [toInt('x', 'i'), ...nodes];
    const scale = float ? [makeTensor('k', DataType.FLOAT, [], [1e6])] : [];
    const { runtime, compiled, cpu } = await outputsOf(
      model(['n', 6], [...before, toFloat('m', 'y')], [...initializers, ...scale]),
    );
    expect(
      runtime.some((value) => Math.abs(value) >= 2 ** 31),
      'the case goes beyond int32',
    ).toBe(what !== 'a cumulative sum');
    for (const [i, value] of runtime.entries()) {
      expect(Math.abs(compiled[i]! - value)).toBeLessThanOrEqual(2e-7 * Math.abs(value));
      expect(Math.abs(cpu[i]! - value)).toBeLessThanOrEqual(2e-7 * Math.abs(value));
    }
  });
});

it('shape arithmetic is exact, or refused', () => {
  // 70000 * 70000 / 70000: the product is beyond int32, and so Div does not get it.
  const nodes = [
    node('Mul', ['f', 'f'], ['p']),
    node('Div', ['p', 'f'], ['q']),
    toFloat('q', 'r'),
    node('Mul', ['x', 'r'], ['y']),
  ];
  const problems = checkModel(model(['n', 6], nodes, [factor]));
  expect(problems[0]?.what).toMatch(/^Div .*"p" may compute INT64 values beyond int32/);
});

it.each(['Less', 'Equal', 'Add', 'Mod'])('%s of what may be beyond is refused', (type) => {
  const nodes = [
    toInt('x', 'i'),
    node('Mul', ['i', 'i'], ['p']),
    node(type, ['p', 'i'], ['q']),
    toFloat('q', 'y'),
  ];
  expect(checkModel(model(['n', 6], nodes))[0]?.what).toMatch(/"p" may compute INT64 values beyond int32/);
});

it('an output of such integers ends where int32 ends, and is told', async () => {
  const file = model(['n', 6], [toInt('x', 'i'), node('Mul', ['i', 'i'], ['y'])]);
  const typed = { ...file.graph.outputs[0]!, tensorType: { elemType: DataType.INT64 } };
  const whole = { ...file, graph: { ...file.graph, outputs: [typed] } };
  const { runtime, compiled, cpu } = await outputsOf(whole);
  const ends = runtime.map((value) => Math.min(2 ** 31 - 1, value));
  expect(ends).not.toEqual(runtime);
  expect(compiled).toEqual(ends);
  expect(cpu).toEqual(ends);
  expect(importModel(whole).notes.join()).toMatch(
    /output "y": INT64 values beyond int32 are given as its ends/,
  );
});

it('indices, masks, counts and sums of a few are no reason to refuse', () => {
  const nodes = [
    node('Greater', ['x', 'half'], ['mask']),
    toInt('mask', 'ones'),
    node('CumSum', ['ones', 'one'], ['count']),
    node('Mul', ['count', 'ones'], ['places']),
    node('Add', ['places', 'one'], ['shifted']),
    node('Gather', ['table', 'shifted'], ['g']),
    node('ReduceSum', ['g', 'one'], ['y'], { keepdims: 0 }),
  ];
  const table = makeTensor(
    'table',
    DataType.FLOAT,
    [8, 3],
    Array.from({ length: 24 }, (_, i) => i),
  );
  const half = makeTensor('half', DataType.FLOAT, [], [0.5]);
  expect(checkModel(model(['n', 6], nodes, [zero, int64('one', [1]), table, half]))).toEqual([]);
});

it('int32 beyond 2^24 is divided and made positive exactly by tfjs, too', async () => {
  const big = makeTensor(
    'b',
    DataType.INT32,
    [6],
    [16777217, -16777219, 2147483647, -2147483647, 33554435, -5],
  );
  const cast = node('Cast', ['x'], ['i'], { to: DataType.INT32 });
  const three = makeTensor('three', DataType.INT32, [], [3]);
  for (const last of [
    [node('Abs', ['s'], ['y'])],
    [node('Div', ['s', 'three'], ['y'])],
    [node('ReduceL1', ['s'], ['y'], { axes: [1] })],
  ]) {
    const nodes = [cast, node('Mul', ['i', 'nothing'], ['n']), node('Add', ['n', 'b'], ['s']), ...last];
    const few =
      last[0]!.opType === 'ReduceL1'
        ? makeTensor('b', DataType.INT32, [6], [16777217, 1, -16777219, 3, 5, 7])
        : big;
    const file = model(['n', 6], nodes, [few, three, makeTensor('nothing', DataType.INT32, [], [0])]);
    const typed = { ...file.graph.outputs[0]!, tensorType: { elemType: DataType.INT32 } };
    const { runtime, compiled, cpu } = await outputsOf({
      ...file,
      graph: { ...file.graph, outputs: [typed] },
    });
    expect(compiled).toEqual(runtime);
    expect(cpu).toEqual(runtime);
  }
});
