/** A training step looped inside onnxruntime against the same step run eagerly by tfjs. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { choose, openStep, type Step, type StepSpecs, takeRun } from '../../src/compile/index.js';
import type { HostTensor } from '../../src/runtime/host.js';
import { randomTensor } from './reference.js';

const steps = 6;
const specs: StepSpecs = {
  state: [
    { name: 'w', shape: [4, 3], dtype: 'float32' },
    { name: 'v', shape: [4, 3], dtype: 'float32' },
  ],
  batch: [
    { name: 'x', shape: [5, 4], dtype: 'float32' },
    { name: 'lr', shape: [], dtype: 'float32' },
    { name: 'offset', shape: [], dtype: 'int32' },
    { name: 'ascend', shape: [], dtype: 'bool' },
  ],
  constants: { pool: randomTensor({ name: 'pool', shape: [100], dtype: 'float32' }) },
};

/** Momentum on a perturbed quadratic, with every means a training step uses: gradients, noise from a pool, a choice. */
const step: Step = ({ w, v }, { x, lr, offset, ascend }, { pool }) => {
  const loss = (weights: tf.Tensor) =>
    tf
      .tanh(tf.matMul(x!, weights as tf.Tensor2D))
      .square()
      .mean() as tf.Scalar;
  const [e] = choose(
    ascend!,
    () => [tf.grad(loss)(w!)],
    () => [
      takeRun(pool as tf.Tensor1D, offset!, [12])
        .reshape([4, 3])
        .mul(0.1),
    ],
  );
  const g = tf.grad(loss)(w!.add(e!));
  const velocity = v!.mul(0.9).add(g);
  return { state: { w: w!.sub(velocity.mul(lr!)), v: velocity }, metrics: { loss: loss(w!) } };
};

const state = Object.fromEntries(specs.state.map((spec, i) => [spec.name, randomTensor(spec, i)]));
const batches: Record<string, HostTensor> = {
  x: randomTensor({ name: 'x', shape: [steps, 5, 4], dtype: 'float32' }),
  lr: { type: 'float32', dims: [steps], data: Float32Array.from({ length: steps }, (_, k) => 0.3 / (k + 1)) },
  offset: { type: 'int32', dims: [steps], data: Int32Array.of(3, 88, 0, 41, 7, 20) },
  ascend: { type: 'bool', dims: [steps], data: Uint8Array.of(0, 1, 1, 0, 0, 1) },
};

const part = (from: number, to: number) =>
  Object.fromEntries(
    Object.entries(batches).map(([name, { type, dims, data }]) => {
      const size = data.length / steps;
      return [
        name,
        { type, dims: [to - from, ...dims.slice(1)], data: data.slice(from * size, to * size) } as HostTensor,
      ];
    }),
  );

describe('openStep', () => {
  it('gives the same states and metrics on onnxruntime as on tfjs', async () => {
    const compiled = await openStep(step, specs);
    const eager = await openStep(step, specs, { engine: 'cpu' });
    const [a, b] = [await compiled.run(state, batches), await eager.run(state, batches)];
    for (const name of ['w', 'v']) {
      const [got, want] = [a.state[name]!.data as Float32Array, b.state[name]!.data as Float32Array];
      expect(Math.max(...got.map((value, i) => Math.abs(value - want[i]!)))).toBeLessThan(1e-5);
    }
    expect([...a.metrics.loss!].map((l) => l.toFixed(4))).toEqual(
      [...b.metrics.loss!].map((l) => l.toFixed(4)),
    );
    await compiled.release();
  });

  it('gives the same bits in one run and in several', async () => {
    const program = await openStep(step, specs);
    const whole = await program.run(state, batches);
    const first = await program.run(state, part(0, 2));
    const second = await program.run(first.state, part(2, steps));
    expect(second.state.w!.data).toEqual(whole.state.w!.data);
    expect([...first.metrics.loss!, ...second.metrics.loss!]).toEqual([...whole.metrics.loss!]);
    await program.release();
  });

  it('tells which state a step fails to carry on', async () => {
    const broken: Step = ({ w }) => ({ state: { w: w!.sum(0), v: w! }, metrics: {} });
    await expect(openStep(broken, specs)).rejects.toThrow(/turns w from float32\[4,3\] into float32\[3\]/);
  });

  it('explains how to get tfjs-node if it is not installed', async () => {
    await expect(openStep(step, specs, { engine: 'tfjs-node' })).rejects.toThrow(
      /npm install @tensorflow\/tfjs-node/,
    );
  });

  it('refuses a choice between different things', async () => {
    const unequal: Step = ({ w, v }, { ascend }) => {
      const [e] = choose(
        ascend!,
        () => [w!],
        () => [v!.sum(0)],
      );
      return { state: { w: w!.add(e!), v: v! }, metrics: {} };
    };
    await expect(openStep(unequal, specs)).rejects.toThrow('a choice between float32[4,3] and float32[3]');
  });

  it('takes no other slice of a vector for a run of noise', async () => {
    const size = 1024 * 256;
    const weights: StepSpecs = {
      state: [
        { name: 'w', shape: [1024, 256], dtype: 'float32' },
        { name: 'v', shape: [size + 32], dtype: 'float32' },
      ],
      batch: [{ name: 'x', shape: [], dtype: 'float32' }],
    };
    const sliced: Step = ({ w, v }, { x }) => {
      const rows = v!.slice([16], [size]).reshape([16, 1024, 16]).transpose([1, 0, 2]).reshape([1024, 256]);
      return { state: { w: w!.mul(x!).add(rows), v: v! }, metrics: {} };
    };
    const given = Object.fromEntries(weights.state.map((spec, i) => [spec.name, randomTensor(spec, i)]));
    const feeds = { x: randomTensor({ name: 'x', shape: [1], dtype: 'float32' }) };
    const results = [];
    for (const layout of ['plain', 'blocked'] as const) {
      const program = await openStep(sliced, weights, { layout });
      results.push((await program.run(given, feeds)).state.w!.data as Float32Array);
      await program.release();
    }
    const [plain, blocked] = results;
    const worst = plain!.reduce((most, value, i) => Math.max(most, Math.abs(value - blocked![i]!)), 0);
    expect(worst).toBeLessThan(1e-5);
  });

  it('looks through no other view of a weight that it keeps in a layout of its own', async () => {
    const shape = [1024, 512];
    const weights: StepSpecs = {
      state: [
        { name: 'w', shape, dtype: 'float32' },
        { name: 'm', shape, dtype: 'float32' },
      ],
      batch: [{ name: 'x', shape: [32, 512], dtype: 'float32' }],
    };
    const reshaped: Step = ({ w, m }, { x }) => {
      const loss = (at: tf.Tensor) =>
        tf
          .matMul(x as tf.Tensor2D, at.reshape([512, 1024]))
          .square()
          .mean() as tf.Scalar;
      const g = tf.grad(loss)(w!);
      return { state: { w: w!.sub(g), m: m!.mul(0.9).add(g) }, metrics: { loss: loss(w!) } };
    };
    const given = Object.fromEntries(weights.state.map((spec, i) => [spec.name, randomTensor(spec, i)]));
    const feeds = { x: randomTensor({ name: 'x', shape: [2, 32, 512], dtype: 'float32' }) };
    const results = [];
    for (const layout of ['plain', 'blocked'] as const) {
      const program = await openStep(reshaped, weights, { layout });
      results.push(await program.run(given, feeds));
      await program.release();
    }
    const [plain, blocked] = results.map((result) => result.state.w!.data as Float32Array);
    const worst = plain!.reduce((most, value, i) => Math.max(most, Math.abs(value - blocked![i]!)), 0);
    expect(worst).toBeLessThan(1e-4);
  });
});
