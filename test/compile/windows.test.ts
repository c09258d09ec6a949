/** Convolution and pooling over random geometries: what onnxruntime computes, forward and backward, is what the plain loops compute. */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { conv, convGradInput } from '../../src/compile/kernels/conv.js';
import { averagePool, maxPool } from '../../src/compile/kernels/pool.js';
import { type WindowAttributes, windowOutput } from '../../src/compile/kernels/windows.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';

const runs = { numRuns: 80, seed: 20 };
const tolerance = 1e-4;

/** One to three spatial axes, each with extent, kernel, stride, dilation and two pads (smaller than the kernel, as ONNX asks). */
const axis = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    extent: fc.integer({ min: 5, max: 11 }),
  })
  .chain((at) => fc.record({ ...fcConstants(at), begin: fc.nat(at.kernel - 1), end: fc.nat(at.kernel - 1) }));
const geometry = fc.array(axis, { minLength: 1, maxLength: 3 }).map((axes) => ({
  input: axes.map(({ extent }) => extent),
  window: {
    kernel: axes.map(({ kernel }) => kernel),
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
  },
}));
const channels = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  group: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 2 }),
  outputs: fc.integer({ min: 1, max: 2 }),
});

function fcConstants<T extends object>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  const entries = Object.entries(values).map(([key, value]) => [key, fc.constant(value)]);
  return Object.fromEntries(entries) as { [K in keyof T]: fc.Arbitrary<T[K]> };
}

type Evaluate = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The value of f and the gradients of a projection of it, as one function of named inputs. */
function withGradients(f: Evaluate, names: string[]) {
  return (given: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const inputs = names.map((name) => given[name]!);
    const y = f(...inputs);
    const weights = tf.tensor(randomStream('weights').normals(y.size), y.shape);
    const gradients = tf.grads(
      (...at) =>
        f(...at)
          .mul(weights)
          .sum() as tf.Scalar,
    )(inputs);
    return { value: y, ...Object.fromEntries(names.map((name, i) => [`d_${name}`, gradients[i]!])) };
  };
}

async function expectSame(f: Evaluate, shapes: Record<string, number[]>, values = normals): Promise<void> {
  const names = Object.keys(shapes);
  const step = withGradients(f, names);
  const specs = names.map((name) => ({ name, shape: shapes[name]!, dtype: 'float32' as const }));
  const compiled = await compileFunction(step, specs, { threads: 1 });
  const feeds = Object.fromEntries(
    names.map((name) => [name, float32(shapes[name]!, values(name, shapes[name]!))]),
  );
  const actual = await compiled.run(feeds);
  await compiled.release();
  await tf.setBackend('cpu');
  tf.engine().startScope();
  const expected = step(
    Object.fromEntries(names.map((name) => [name, tf.tensor(values(name, shapes[name]!), shapes[name]!)])),
  );
  for (const [name, tensor] of Object.entries(expected)) {
    const want = tensor.dataSync() as Float32Array;
    const have = actual[name]!.data as Float32Array;
    const size = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    const error = want.reduce((largest, value, i) => Math.max(largest, Math.abs(value - have[i]!)), 0) / size;
    if (!(error < tolerance)) throw new Error(`${name} differs by ${error}`);
  }
  tf.engine().endScope();
}

function normals(name: string, shape: number[]): Float32Array {
  return randomStream(name).normals(tf.util.sizeFromShape(shape));
}

/** As after a ReLU: many ties at zero. */
function rectified(name: string, shape: number[]): Float32Array {
  return normals(name, shape).map((value) => Math.max(0, Math.round(value * 2)));
}

function fits(input: number[], window: WindowAttributes): boolean {
  return windowOutput(input, window).every((extent) => extent > 0);
}

describe('over random geometries', () => {
  it('convolution and its gradients', async () => {
    await fc.assert(
      fc.asyncProperty(geometry, channels, async ({ input, window }, { batch, group, inputs, outputs }) => {
        fc.pre(fits(input, window));
        const { kernel, ...attributes } = window;
        const shapes = { x: [batch, group * inputs, ...input], w: [group * outputs, inputs, ...kernel] };
        await expectSame((x, w) => conv(x!, w!, { ...attributes, group }), shapes);
      }),
      runs,
    );
  });

  it('transposed convolution and its gradients', async () => {
    await fc.assert(
      fc.asyncProperty(geometry, channels, async ({ input, window }, { batch, group, inputs, outputs }) => {
        fc.pre(fits(input, window));
        const { kernel, ...attributes } = window;
        const shapes = {
          y: [batch, group * outputs, ...windowOutput(input, window)],
          w: [group * outputs, inputs, ...kernel],
        };
        const shape = [batch, group * inputs, ...input];
        await expectSame((y, w) => convGradInput(y!, w!, { ...attributes, group }, shape), shapes);
      }),
      runs,
    );
  });

  it('max pooling: of ties, the first takes the gradient', async () => {
    await fc.assert(
      fc.asyncProperty(geometry, fc.boolean(), async ({ input, window }, ceil) => {
        fc.pre(fits(input, window));
        await expectSame((x) => maxPool(x!, { ...window, ceil }), { x: [2, 2, ...input] }, rectified);
      }),
      runs,
    );
  });

  it('max pooling whose last window would begin beyond the end, in a program that tells all shapes', async () => {
    const window = { kernel: [1, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 1, 0, 0] };
    const squared = (x: tf.Tensor | undefined) => maxPool(x!, { ...window, ceil: true }).square();
    await expectSame(squared, { x: [2, 2, 4, 7] });
  });

  it('average pooling', async () => {
    await fc.assert(
      fc.asyncProperty(
        geometry,
        fc.boolean(),
        fc.boolean(),
        async ({ input, window }, ceil, countIncludePad) => {
          fc.pre(fits(input, window));
          await expectSame((x) => averagePool(x!, { ...window, ceil, countIncludePad }), {
            x: [2, 2, ...input],
          });
        },
      ),
      runs,
    );
  });
});
