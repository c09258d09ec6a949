/** Batch normalization with the statistics of the batch, and the running ones that follow it. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { buildNetwork } from '../../src/network/network.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { model, node, weight } from './onnxModels.js';

beforeAll(() => tf.setBackend('cpu'));

const file = model(
  ['batch', 3, 2, 2],
  [
    node('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'], ['y'], {
      momentum: { float: 0.75 },
    }),
  ],
  ['scale', 'shift', 'mean', 'variance'].map((name) => weight(name, [3])),
);

it('normalizes each channel and moves the running statistics, variance unbiased', () => {
  const network = buildNetwork(file);
  const x = tf.randomNormal([5, 3, 2, 2], 2, 3, 'float32', 11);
  const { outputs, statistics } = network.forward(
    { scale: tf.ones([3]), shift: tf.zeros([3]) },
    { x },
    { training: true },
  );
  const { mean, variance } = tf.moments(outputs.y!, [0, 2, 3]);
  for (const value of mean.dataSync()) expect(value).toBeCloseTo(0, 5);
  for (const value of variance.dataSync()) expect(value).toBeCloseTo(1, 4);

  const batch = tf.moments(x, [0, 2, 3]);
  const stored = (name: string) => tf.tensor1d(network.parameters.get(name)!.values);
  const expected = {
    mean: stored('mean').mul(0.75).add(batch.mean.mul(0.25)),
    variance: stored('variance')
      .mul(0.75)
      .add(batch.variance.mul((0.25 * 20) / 19)),
  };
  expect(Object.keys(statistics).sort()).toEqual(['mean', 'variance']);
  for (const [name, value] of Object.entries(expected))
    expect(statistics[name]!.sub(value).abs().max().dataSync()[0]).toBeLessThan(1e-5);
});

it('has the gradient of a function that also moves the statistics', () => {
  const network = buildNetwork(file);
  const x = tf.randomNormal([4, 3, 2, 2], 0, 1, 'float32', 13);
  const target = tf.randomNormal([4, 3, 2, 2], 0, 1, 'float32', 17);
  const scale = tf.tensor1d([0.5, 1, 2]);
  const shift = tf.tensor1d([0.1, 0, -1]);
  const loss = (...given: tf.Tensor[]) => {
    const [values, a, b] = given;
    return network
      .forward({ scale: a!, shift: b! }, { x: values! }, { training: true })
      .outputs.y!.mul(target)
      .sum() as tf.Scalar;
  };
  const inputs = [x, scale, shift];
  tf.grads(loss)(inputs).forEach((gradient, i) => {
    const direction = tf.randomUniform(inputs[i]!.shape, -1, 1, 'float32', 19 + i);
    const at = (h: number) =>
      loss(...inputs.map((input, j) => (i === j ? input.add(direction.mul(h)) : input))).dataSync()[0]!;
    const difference = (at(1e-2) - at(-1e-2)) / 2e-2;
    // Central differences of a float32 sum of 48 terms: rounding 1e-6 / 1e-2 and curvature h^2.
    expect(gradient.mul(direction).sum().dataSync()[0]).toBeCloseTo(difference, 2);
  });
});

it('is the same compiled, with gradients, when training', async () => {
  const network = buildNetwork(file);
  const names = ['x', 'scale', 'shift', 'mean', 'variance'];
  const step = (given: Record<string, tf.Tensor>) => {
    const { x, mean, variance } = given;
    const forward = (values: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) =>
      network.forward({ scale, shift, mean: mean!, variance: variance! }, { x: values }, { training: true });
    const loss = (...inputs: tf.Tensor[]) => {
      const { y } = forward(inputs[0]!, inputs[1]!, inputs[2]!).outputs;
      return y!.mul(y!).mul(x!).sum() as tf.Scalar;
    };
    const [dx, dscale, dshift] = tf.grads(loss)([x!, given.scale!, given.shift!]);
    const { outputs, statistics } = forward(x!, given.scale!, given.shift!);
    return {
      ...outputs,
      dx: dx!,
      dscale: dscale!,
      dshift: dshift!,
      new_mean: statistics.mean!,
      new_variance: statistics.variance!,
    };
  };
  const shape = (name: string) => (name === 'x' ? [4, 3, 2, 2] : [3]);
  const values = (name: string) => randomStream('compiled', name).normals(name === 'x' ? 48 : 3);
  const compiled = await compileFunction(
    step,
    names.map((name) => ({ name, shape: shape(name), dtype: 'float32' })),
    { threads: 1 },
  );
  const actual = await compiled.run(
    Object.fromEntries(names.map((name) => [name, float32(shape(name), values(name))])),
  );
  await compiled.release();
  const expected = step(
    Object.fromEntries(names.map((name) => [name, tf.tensor(values(name), shape(name))])),
  );
  for (const [name, tensor] of Object.entries(expected)) {
    const difference = tensor
      .sub(tf.tensor(actual[name]!.data as Float32Array, tensor.shape))
      .abs()
      .max();
    expect(difference.dataSync()[0], name).toBeLessThan(1e-4);
  }
});
