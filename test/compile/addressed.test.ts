/** Gathers, scatters and products where they are easily wrong: repeated places, zeros, ties, indices that come from data. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFunction, type TensorFunction, traceModel } from '../../src/compile/index.js';
import { gatherElements, scatterElements, scatterTuples } from '../../src/compile/kernels/addressed.js';
import { topAlong } from '../../src/compile/kernels/topK.js';
import { float32 } from '../../src/runtime/host.js';
import { runOnCpu } from './reference.js';

beforeAll(() => tf.setBackend('cpu'));

/** The same function of x on both engines. */
async function onBoth(fn: (x: tf.Tensor) => tf.Tensor, shape: number[], values: number[], threads = 1) {
  const whole: TensorFunction = ({ x }) => ({ y: fn(x!) });
  const feeds = { x: float32(shape, Float32Array.from(values)) };
  const program = await compileFunction(whole, [{ name: 'x', shape, dtype: 'float32' }], { threads });
  const { y } = await program.run(feeds);
  await program.release();
  return [y!, runOnCpu(whole, feeds).y!].map(({ data }) => Array.from(data, Number));
}

it('adds up what meets at one place, however many threads there are', async () => {
  const count = 400_000;
  const sums = (x: tf.Tensor) => {
    // Not known while tracing: all of them are 1.
    const places = x.greater(0).cast('int32');
    return scatterTuples(tf.zeros([4]), places.reshape([count, 1]), x, 'add');
  };
  const ones = Array<number>(count).fill(1);
  for (const y of await onBoth(sums, [count], ones, 2)) expect(y).toEqual([0, count, 0, 0]);
  const gradient = (x: tf.Tensor) =>
    tf.grad((table: tf.Tensor) => tf.gather(table, x.greater(0).cast('int32').reshape([count])).sum())(
      tf.zeros([4]),
    );
  for (const y of await onBoth(gradient, [count], ones, 2)) expect(y).toEqual([0, count, 0, 0]);
});

describe('the gradient of a product with zeros', () => {
  const values = [2, 0, 3, -1, 0, 0, 1.5, 4, -2];
  const indices = () => tf.tensor2d([0, 0, 1, 0, 0, 0, 1, 1, 0], [3, 3], 'int32');
  const products: Record<string, (x: tf.Tensor) => tf.Tensor> = {
    reduced: (x) => x.prod([1]),
    scattered: (x) =>
      scatterElements(
        tf.tensor2d([
          [5, 0, 2],
          [0, 1, 1],
        ]),
        indices(),
        x,
        0,
        'mul',
      ),
    'scattered into': (x) =>
      scatterElements(
        x,
        indices(),
        tf.tensor2d([
          [2, 0, 0],
          [1, 0, 3],
          [2, 2, 2],
        ]),
        0,
        'mul',
      ),
  };
  it.each(Object.entries(products))('%s', async (_, product) => {
    const slopes = (x: tf.Tensor) => tf.grad((at: tf.Tensor) => weighted(product(at)))(x);
    // Linear in each factor, so that differences are exact up to rounding.
    const expected = values.map((value, i) => {
      const at = (moved: number) =>
        weighted(product(tf.tensor2d(values.with(i, moved), [3, 3]))).dataSync()[0]!;
      return (at(value + 1) - at(value - 1)) / 2;
    });
    for (const y of await onBoth(slopes, [3, 3], values))
      for (const [i, slope] of y.entries()) expect(slope).toBeCloseTo(expected[i]!, 4);
  });
});

/** The sum of the elements, times 1, 2, 3 ... */
function weighted(x: tf.Tensor): tf.Scalar {
  return x.mul(tf.range(1, x.size + 1).reshape(x.shape)).sum();
}

it('shares the slope of a maximum among those that attain it', async () => {
  const slopes = (x: tf.Tensor) =>
    tf.grad((at: tf.Tensor) =>
      scatterTuples(tf.tensor1d([3, 1]), tf.tensor2d([0, 0, 0, 1], [4, 1], 'int32'), at, 'max').sum(),
    )(x);
  for (const y of await onBoth(slopes, [4], [3, 3, 2, 0]))
    for (const [i, slope] of y.entries()) expect(slope).toBeCloseTo([1 / 3, 1 / 3, 0, 0][i]!, 6);
});

it('takes slopes through values that are chosen by their own maximum', async () => {
  const chosen = (x: tf.Tensor) => gatherElements(x, tf.argMax(x, 1).toInt().expandDims(1), 1).square().sum();
  const slopes = (x: tf.Tensor) => tf.grad((at: tf.Tensor) => chosen(at))(x);
  for (const y of await onBoth(slopes, [2, 3], [1, 5, 2, 4, 0, -1])) expect(y).toEqual([0, 10, 0, 8, 0, 0]);
  const rows = (x: tf.Tensor) =>
    tf.grad((at: tf.Tensor) => tf.gather(at, tf.argMax(at, 0).toInt()).square().sum())(x);
  for (const y of await onBoth(rows, [2, 2], [1, 5, 2, 4])) expect(y).toEqual([2, 10, 4, 8]);
});

it('orders infinities, and equal values by their index', async () => {
  const values = [Number.NEGATIVE_INFINITY, 2, Number.POSITIVE_INFINITY, 2];
  const indices = (largest: boolean) => (x: tf.Tensor) => topAlong(x, 4, 0, largest)[1].toFloat();
  for (const y of await onBoth(indices(true), [4], values)) expect(y).toEqual([2, 1, 3, 0]);
  for (const y of await onBoth(indices(false), [4], values)) expect(y).toEqual([0, 1, 3, 2]);
});

it('folds integers, so that shapes may be computed with them', () => {
  const { graph } = traceModel(
    ({ x }) => {
      const shape = scatterTuples(
        tf.tensor1d(x!.shape, 'int32'),
        tf.tensor2d([1], [1, 1], 'int32'),
        tf.tensor1d([-1], 'int32'),
      );
      return { y: x!.exp().reshape(Array.from(shape.dataSync())) };
    },
    [{ name: 'x', shape: [2, 3], dtype: 'float32' }],
  );
  expect(graph.nodes.map(({ opType }) => opType)).toEqual(['Exp']);
});

it('says which index is out of range', () => {
  expect(() => gatherElements(tf.tensor1d([1, 2]), tf.tensor1d([2], 'int32'), 0)).toThrow(
    /index 2 of 2 elements/,
  );
});
