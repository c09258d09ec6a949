import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFunction, type Tensors } from '../../src/compile/index.js';
import type { NeuronDefinition } from '../../src/neurons/index.js';
import { neuronNamed, neurons } from '../../src/neurons/index.js';
import { randomStream } from '../../src/random/stream.js';

/** What every neuron model promises; a new one in the list is held to all of it. */

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Outputs of `neuron` for the currents `inputs[t]`, stacked over time. */
function unroll(neuron: NeuronDefinition, inputs: tf.Tensor[], threshold: number): tf.Tensor {
  const theta = tf.scalar(threshold);
  let state: Tensors = Object.fromEntries(
    Object.entries(neuron.initial(threshold)).map(([name, start]) => [
      name,
      tf.fill(inputs[0]!.shape, start),
    ]),
  );
  return tf.stack(
    inputs.map((input) => {
      const result = neuron.step(input, state, theta);
      state = result.state;
      return result.output;
    }),
  );
}

/** 36 currents: sixteenths between -1 and 1, or normals. */
function currentsOf(kind: string, name: string): Float32Array {
  const stream = randomStream('neuron contract', name);
  if (kind === 'any') return stream.normals(36);
  return Float32Array.from(stream.integers(36, 33), (draw) => draw / 16 - 1);
}

it('lists unknown neurons with the known ones', () => {
  expect(() => neuronNamed('leaky')).toThrow(/unknown neuron "leaky"[\s\S]*if \(/);
  expect(new Set(neurons.map((neuron) => neuron.name)).size).toBe(neurons.length);
});

describe.each(neurons)('$name', (neuron) => {
  it('says what it is, where it comes from and what it leaves out', () => {
    expect(neuron.summary).not.toBe('');
    expect(neuron.citation).toMatch(/\d{4}/);
    expect(neuron.notModelled.length).toBeGreaterThan(0);
    expect(Object.keys(neuron.initial(1))).toEqual([...neuron.state]);
  });

  it.each([[[5]], [[2, 3]], [[2, 3, 4, 4]]])('keeps the shape %j', (shape) => {
    const state = Object.fromEntries(neuron.state.map((name) => [name, tf.zeros(shape)]));
    const result = neuron.step(tf.ones(shape), state, tf.scalar(0.5));
    expect(result.output.shape).toEqual(shape);
    expect(Object.keys(result.state)).toEqual([...neuron.state]);
    for (const next of Object.values(result.state)) expect(next.shape).toEqual(shape);
  });

  it('approaches the clipped ReLU as T grows, within its declared error', () => {
    const threshold = 0.7;
    const currents = tf.linspace(-threshold, 2 * threshold, 301);
    const wanted = tf.clipByValue(currents, 0, threshold);
    const worst = [2, 8, 32, 128].map((timesteps) => {
      const mean = unroll(neuron, Array(timesteps).fill(currents), threshold).mean(0);
      const error = wanted.sub(mean).abs().max().dataSync()[0]!;
      // Potentials are sums of float32 rounded T times; a spike may come one step early or late at the rounding edge.
      const rounding = threshold * timesteps * 2 ** -22;
      expect(error).toBeLessThanOrEqual(neuron.rateError(threshold, timesteps) + rounding);
      return error;
    });
    expect(worst).toEqual([...worst].sort((a, b) => b - a));
  });

  // Elementwise float32 arithmetic is the same everywhere, so that any numbers must agree, dyadic or not.
  it.each(['dyadic', 'any'])('fires spike for spike alike in onnxruntime, currents: %s', async (kind) => {
    const timesteps = 24;
    const threshold = kind === 'dyadic' ? 0.75 : Math.fround(0.7);
    const names = Array.from({ length: timesteps }, (_, t) => `input${t}`);
    const program = await compileFunction(
      (given) => ({
        spikes: unroll(
          neuron,
          names.map((name) => given[name]!),
          threshold,
        ),
      }),
      names.map((name) => ({ name, shape: [4, 9], dtype: 'float32' as const })),
    );
    const currents = names.map((name) => currentsOf(kind, name));
    const feeds = names.map((name, t) => [
      name,
      { type: 'float32' as const, dims: [4, 9], data: currents[t]! },
    ]);
    const { spikes } = await program.run(Object.fromEntries(feeds));
    await program.release();
    const eager = unroll(
      neuron,
      currents.map((values) => tf.tensor(values.slice(), [4, 9])),
      threshold,
    );
    expect(spikes!.data).toEqual(eager.dataSync());
    expect(new Set(spikes!.data as Float32Array).size).toBeGreaterThan(1);
  });

  it('passes a finite gradient to input, state and threshold, and none far from the threshold', () => {
    const run = (input: tf.Tensor, theta: tf.Tensor) => {
      const state = Object.fromEntries(neuron.state.map((name) => [name, tf.zerosLike(input)]));
      return neuron.step(input, state, theta as tf.Scalar).output.sum() as tf.Scalar;
    };
    const [near, theta] = tf.grads(run)([tf.tensor([0.4, 0.5, 0.6]), tf.scalar(0.5)]);
    expect(Math.min(...near!.dataSync())).toBeGreaterThan(0);
    expect(Number.isFinite(theta!.dataSync()[0])).toBe(true);
    const [far] = tf.grads(run)([tf.tensor([-5, 5]), tf.scalar(0.5)]);
    expect([...far!.dataSync()]).toEqual([0, 0]);
  });
});
