/** A model of float inputs, by onnxruntime as it stands, by tfjs, and by tfjs compiled to onnxruntime. */
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { importModel } from '../../src/import/importModel.js';
import type { Network } from '../../src/network/network.js';
import { encodeModel } from '../../src/onnx/codec.js';
import type { Model } from '../../src/onnx/model.js';
import { randomStream } from '../../src/random/stream.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';

/** float32 sums of some dozens of products, in another order. */
const sameValue = 1e-5;

export type Feeds = Record<string, HostTensor>;

/** Normal values for the inputs, by their shapes. */
export function drawn(shapes: Record<string, readonly number[]>): Feeds {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return [name, float32(shape, randomStream('drawn', name).normals(size))];
    }),
  );
}

/** Fails unless all three give equal outputs. */
export async function expectSameAsRuntime(
  model: Model,
  feeds: Feeds,
  network: Network = importModel(model).network,
): Promise<void> {
  const session = await openSession(encodeModel(model), { threads: 1 });
  const expected = await session.run(feeds);
  await session.release();
  const forward = (inputs: Record<string, tf.Tensor>) => network.forward({}, inputs).outputs;
  const compiled = await compileFunction(
    forward,
    Object.entries(feeds).map(([name, { dims }]) => ({ name, shape: dims, dtype: 'float32' })),
    { threads: 1 },
  );
  const actual = await compiled.run(feeds);
  await compiled.release();
  await tf.setBackend('cpu');
  const eager = forward(
    Object.fromEntries(
      Object.entries(feeds).map(([name, { dims, data }]) => [
        name,
        tf.tensor(data as Float32Array, [...dims]),
      ]),
    ),
  );
  for (const [name, { dims, data }] of Object.entries(expected)) {
    expect(actual[name]!.dims, name).toEqual(dims);
    expect(eager[name]!.shape, name).toEqual(dims);
    expectClose(actual[name]!.data as Float32Array, data as Float32Array);
    expectClose(eager[name]!.dataSync(), data as Float32Array);
  }
}

/** The gradient of the sum of squares of output `y` in each input agrees with central differences. */
export function expectTrueGradients(model: Model, feeds: Feeds, step = 1e-2, tolerance = 2e-2): void {
  const { network } = importModel(model);
  const names = Object.keys(feeds);
  const loss = (given: tf.Tensor[]) =>
    network
      .forward({}, Object.fromEntries(names.map((name, i) => [name, given[i]!])))
      .outputs.y!.square()
      .sum() as tf.Scalar;
  const at = (changed: string, index: number, by: number) =>
    names.map((name) => {
      const { dims, data } = feeds[name]!;
      const values = Float32Array.from(data as Float32Array);
      if (name === changed) values[index]! += by;
      return tf.tensor(values, [...dims]);
    });
  const slopes = tf.grads((...given: tf.Tensor[]) => loss(given))(at('', 0, 0));
  names.forEach((name, i) => {
    const slope = slopes[i]!.dataSync();
    slope.forEach((value, index) => {
      const [up, down] = [step, -step].map((by) => loss(at(name, index, by)).dataSync()[0]!);
      const difference = (up! - down!) / (2 * step);
      expect(Math.abs(difference - value) / Math.max(1, Math.abs(value)), `${name}[${index}]`).toBeLessThan(
        tolerance,
      );
    });
  });
}

function expectClose(actual: ArrayLike<number>, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  const size = Math.max(1e-6, ...expected.map(Math.abs));
  for (const [i, value] of expected.entries())
    expect(Math.abs(Number(actual[i]) - Number(value)) / size).toBeLessThan(sameValue);
}
