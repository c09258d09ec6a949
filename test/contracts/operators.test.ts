/** Every operator keeps the same promises: onnxruntime's values, true gradients, and the same of both when compiled. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { buildNetwork } from '../../src/network/network.js';
import type { Operator } from '../../src/network/operator.js';
import { operators } from '../../src/network/operators.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { type OneNode, oneNode } from './oneNode.js';

/** float32 sums of some hundred products, in another order. */
const sameValue = 1e-5;
const compiledTolerance = 1e-4;
/**
 * Central differences with step h: rounding errors of 1e-7 * |y| in each of n ~ 100 random terms are amplified by 1 / h
 * (5e-4 for h = 2e-3), and the third derivative adds h^2 (4e-6).
 */
const step = 2e-3;
const sameSlope = 5e-3;

beforeAll(() => tf.setBackend('cpu'));

describe.each(operators.filter(({ examples }) => examples.length > 0))('$type', (operator: Operator) => {
  const cases = operator.examples.map((example) => ({ example, name: JSON.stringify(example) }));

  it.each(cases)('gives the values of onnxruntime: $name', async ({ example }) => {
    const node = oneNode(operator, example);
    const expected = await reference(node);
    const actual = eagerOutputs(node);
    for (const [name, { dims, data }] of Object.entries(expected)) {
      expect(actual[name]!.shape, name).toEqual(dims);
      expectClose(actual[name]!.values, data, sameValue);
    }
  });

  it.each(cases)('is the same compiled: $name', async ({ example }) => {
    const node = oneNode(operator, example);
    const { floats } = node;
    const compiled = await compileFunction(
      (inputs) => valuesAndGradients(node, inputs, operator.gradient !== 'no'),
      floats.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
      { threads: 1 },
    );
    const actual = await compiled.run(
      Object.fromEntries(floats.map(({ name, shape, values }) => [name, float32(shape, values)])),
    );
    await compiled.release();
    const expected = tidied(() => read(valuesAndGradients(node, tensors(node), operator.gradient !== 'no')));
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { values, shape }] of Object.entries(expected)) {
      expect(actual[name]!.dims, name).toEqual(shape);
      expectClose(numbers(actual[name]!.data), values, compiledTolerance);
    }
  });

  it.runIf(operator.gradient === 'yes').each(cases)(
    'has the gradient of its values: $name',
    ({ example }) => {
      const node = oneNode(operator, example);
      const gradients = tidied(() => read(valuesAndGradients(node, tensors(node), true)));
      for (const { name, values } of node.floats) {
        const slope = gradients[`gradient_${name}`]!.values;
        for (const attempt of [0, 1, 2]) {
          const direction = randomStream('direction', name, attempt)
            .uniforms(values.length)
            .map((u) => (u < 0.5 ? -1 : 1));
          const at = (h: number) =>
            projection(
              node,
              name,
              values.map((value, i) => value + h * direction[i]!),
            );
          const difference = (at(step) - at(-step)) / (2 * step);
          const expected = slope.reduce((sum, g, i) => sum + g * direction[i]!, 0);
          const size = Math.max(
            1,
            slope.reduce((sum, g) => sum + Math.abs(g), 0),
          );
          expect(Math.abs(difference - expected) / size, `${name}: ${difference}, ${expected}`).toBeLessThan(
            sameSlope,
          );
        }
      }
    },
  );
});

/** tf.tidy, for what holds no tensors. */
function tidied<T>(body: () => T): T {
  tf.engine().startScope();
  try {
    return body();
  } finally {
    tf.engine().endScope();
  }
}

interface Read {
  shape: number[];
  values: number[];
}

function numbers(data: ArrayLike<number | bigint>): number[] {
  return Array.from(data, Number);
}

function read(outputs: Record<string, tf.Tensor>): Record<string, Read> {
  const entries = Object.entries(outputs).map(([name, y]) => [
    name,
    { shape: y.shape, values: numbers(y.dataSync()) },
  ]);
  return Object.fromEntries(entries);
}

function tensors({ floats }: OneNode): Record<string, tf.Tensor> {
  return Object.fromEntries(floats.map(({ name, shape, values }) => [name, tf.tensor(values, shape)]));
}

async function reference({ model, floats }: OneNode) {
  const session = await openSession(encodeModel(model), { threads: 1 });
  const out = await session.run(
    Object.fromEntries(floats.map(({ name, shape, values }) => [name, float32(shape, values)])),
  );
  await session.release();
  return Object.fromEntries(
    Object.entries(out).map(([name, { dims, data }]) => [name, { dims, data: numbers(data) }]),
  );
}

function eagerOutputs(node: OneNode): Record<string, Read> {
  return tidied(() => read(buildNetwork(node.model).forward({}, tensors(node)).outputs));
}

/** Fixed random weights of an output in the projection whose gradient is taken. */
function weightsOf(name: string, size: number): Float32Array {
  return randomStream('projection', name).normals(size);
}

/** The outputs, and the gradients of their projection in every float input. */
function valuesAndGradients(
  node: OneNode,
  inputs: Record<string, tf.Tensor>,
  gradients: boolean,
): Record<string, tf.Tensor> {
  const network = buildNetwork(node.model);
  const names = node.floats.map(({ name }) => name);
  const outputs = network.forward({}, inputs).outputs;
  if (!gradients) return outputs;
  const loss = (...given: tf.Tensor[]) => {
    const { output_0 } = network.forward(
      {},
      Object.fromEntries(names.map((name, i) => [name, given[i]!])),
    ).outputs;
    return output_0!
      .cast('float32')
      .mul(tf.tensor(weightsOf('output_0', output_0!.size), output_0!.shape))
      .sum() as tf.Scalar;
  };
  const slopes = names.length > 0 ? tf.grads(loss)(names.map((name) => inputs[name]!)) : [];
  return { ...outputs, ...Object.fromEntries(names.map((name, i) => [`gradient_${name}`, slopes[i]!])) };
}

/** The projection of the first output, summed in double precision, with one input replaced. */
function projection(node: OneNode, name: string, values: Float32Array): number {
  const floats = node.floats.map((input) => (input.name === name ? { ...input, values } : input));
  const { values: y } = eagerOutputs({ ...node, floats }).output_0!;
  const weights = weightsOf('output_0', y.length);
  return y.reduce((sum, value, i) => sum + value * weights[i]!, 0);
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  const size = Math.max(1e-6, ...expected.map(Math.abs));
  const errors = expected.map((value, i) => Math.abs(value - actual[i]!) / size);
  expect(actual.length).toBe(expected.length);
  expect(Math.max(0, ...errors)).toBeLessThan(tolerance);
}
