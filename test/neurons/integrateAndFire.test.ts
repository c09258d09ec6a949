import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { integrateAndFire } from '../../src/neurons/integrateAndFire.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Outputs and potentials of one neuron, step by step. */
function run(currents: number[], threshold: number): { outputs: number[]; potentials: number[] } {
  let state: Record<string, tf.Tensor> = { potential: tf.tensor1d([threshold / 2]) };
  const outputs: number[] = [];
  const potentials: number[] = [];
  for (const current of currents) {
    const result = integrateAndFire.step(tf.tensor1d([current]), state, tf.scalar(threshold));
    state = result.state;
    outputs.push(result.output.dataSync()[0]!);
    potentials.push(state.potential!.dataSync()[0]!);
  }
  return { outputs, potentials };
}

it('follows the equation by hand: theta 1, current 0.375', () => {
  expect(run([0.375, 0.375, 0.375, 0.375], 1)).toEqual({
    outputs: [0, 1, 0, 1],
    potentials: [0.875, 0.25, 0.625, 0],
  });
});

it('keeps what exceeds the threshold (soft reset) and fires at equality', () => {
  expect(run([1.5, 0, 0.5], 1)).toEqual({ outputs: [1, 1, 0], potentials: [1, 0, 0.5] });
});

it('lets a negative current cancel earlier charge', () => {
  expect(run([0.25, -1, 1, 0.5], 1)).toEqual({
    outputs: [0, 0, 0, 1],
    potentials: [0.75, -0.25, 0.75, 0.25],
  });
});

it('rounds a constant current to the nearest of T levels: theta/T floor(T z/theta + 1/2)', () => {
  const [threshold, timesteps] = [2, 8];
  for (let sixteenth = -4; sixteenth <= 40; sixteenth++) {
    const current = sixteenth / 16;
    const sum = run(Array(timesteps).fill(current), threshold).outputs.reduce((a, b) => a + b, 0);
    const level = Math.floor((timesteps * current) / threshold + 0.5);
    expect(sum / timesteps).toBe((threshold / timesteps) * Math.min(timesteps, Math.max(0, level)));
  }
});

it('has the linear window as surrogate gradient', () => {
  // d(theta s)/dv = max(0, 1 - |v/theta - 1|) with theta 2 and v = input, the potential being 0.
  const output = (input: tf.Tensor) =>
    integrateAndFire.step(input, { potential: tf.zerosLike(input) }, tf.scalar(2)).output;
  const slope = tf.grad(output)(tf.tensor1d([0, 1, 2, 2.5, 4]));
  expect([...slope.dataSync()]).toEqual([0, 0.5, 1, 0.75, 0]);
});

it('carries a gradient through time', () => {
  const sum = (input: tf.Tensor) => {
    let state: Record<string, tf.Tensor> = { potential: tf.tensor1d([0.5]) };
    let total = tf.tensor1d([0]) as tf.Tensor;
    for (let t = 0; t < 4; t++) {
      const result = integrateAndFire.step(input, state, tf.scalar(1));
      state = result.state;
      total = total.add(result.output);
    }
    return total.sum() as tf.Scalar;
  };
  expect(
    tf
      .grad(sum)(tf.tensor1d([0.375]))
      .dataSync()[0],
  ).toBeGreaterThan(0);
});
