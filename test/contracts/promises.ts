/**
 * What every operator keeps, for any one-node model: the values of onnxruntime, true gradients, and the same of both when
 * compiled. Each promise throws where it is broken.
 */
import { expect } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { eagerOutputs, numbers, type Read, read, tensors, tidied } from './eager.js';
import type { OneNode } from './oneNode.js';
import { projection, valuesAndGradients } from './projection.js';

/** float32 sums of some hundred products, in another order. */
const sameValue = 1e-5;
const compiledTolerance = 1e-4;
/** Relative to the largest value, but where terms of size one cancel, to this: their rounding stays. */
const smallestValue = 0.05;
/** And where larger inputs x cancel or are damped, to this of them: onnxruntime's sigmoid is off by 2e-8, and x by 6e-8 * x. */
const smallestShare = 0.01;
/**
 * Central differences with step h, relative to the norm of the gradient. Rounding errors of 1e-7 * |y| in each output are
 * random and amplified by 1 / h: 4e-5 * |y| in all for h = 2e-3, or 2.4e-4 of `negligible` * |y|. The third derivative adds
 * h^2 / 6, or 7e-7 of itself. Over 150 forms of each operator, the largest error was 3e-4.
 */
const step = 2e-3;
const sameSlope = 2e-3;
/** Slopes smaller than this share of the values are in their rounding errors. */
const negligible = 0.15;

/** Throws what onnxruntime says, if it cannot load or run the model. */
export async function reference({ model, floats }: OneNode): Promise<Record<string, Read>> {
  const session = await openSession(encodeModel(model), { threads: 1 });
  try {
    const out = await session.run(
      Object.fromEntries(floats.map(({ name, shape, values }) => [name, float32(shape, values)])),
    );
    const entries = Object.entries(out).map(([name, { dims, data }]) => [
      name,
      { shape: [...dims], values: numbers(data) },
    ]);
    return Object.fromEntries(entries);
  } finally {
    await session.release();
  }
}

export function expectValues(node: OneNode, expected: Record<string, Read>): void {
  const actual = eagerOutputs(node);
  for (const [name, { shape, values }] of Object.entries(expected)) {
    expect(actual[name]!.shape, name).toEqual(shape);
    expectClose(name, actual[name]!.values, values, sameValue, smallestOf(node));
  }
}

/** @param gradients whether to compare them too */
export async function expectSameCompiled(node: OneNode, gradients: boolean): Promise<void> {
  const { floats } = node;
  const compiled = await compileFunction(
    (inputs) => valuesAndGradients(node, inputs, gradients),
    floats.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
    { threads: 1 },
  );
  const actual = await compiled.run(
    Object.fromEntries(floats.map(({ name, shape, values }) => [name, float32(shape, values)])),
  );
  await compiled.release();
  const expected = tidied(() => read(valuesAndGradients(node, tensors(node), gradients)));
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { values, shape }] of Object.entries(expected)) {
    expect(actual[name]!.dims, name).toEqual(shape);
    expectClose(name, numbers(actual[name]!.data), values, compiledTolerance, smallestOf(node));
  }
}

/**
 * The gradient in every float input, along three random directions, against central differences of the projection.
 * @param differentiated whose values the differences are of; default: the operator's
 */
export function expectTrueGradients(
  node: OneNode,
  differentiated: (node: OneNode) => Record<string, Read> = eagerOutputs,
): void {
  const gradients = tidied(() => read(valuesAndGradients(node, tensors(node), true)));
  const outputs = Object.values(eagerOutputs(node)).flatMap(({ values, dtype }) =>
    dtype === 'float32' ? values : [],
  );
  for (const { name, values } of node.floats) {
    const slope = gradients[`gradient_${name}`]!.values;
    const size = Math.max(smallestValue, negligible * norm(outputs), norm(slope));
    const valueAt = (at: Float32Array) => {
      const floats = node.floats.map((input) => (input.name === name ? { ...input, values: at } : input));
      return projection(differentiated({ ...node, floats }));
    };
    for (const attempt of [0, 1, 2]) {
      const direction = Array.from(randomStream('direction', name, attempt).uniforms(values.length), (u) =>
        u < 0.5 ? -1 : 1,
      );
      const [ahead, behind] = [step, -step].map((h) => values.map((value, i) => value + h * direction[i]!));
      const difference = (valueAt(ahead!) - valueAt(behind!)) / (2 * step);
      // The step as float32 took it.
      const expected = slope.reduce((sum, g, i) => sum + g * (ahead![i]! - behind![i]!), 0) / (2 * step);
      const error = Math.abs(difference - expected) / size;
      expect(
        error,
        `the slope in ${name}: differences give ${difference}, the gradient ${expected}`,
      ).toBeLessThan(sameSlope);
    }
  }
}

function norm(values: readonly number[]): number {
  return Math.hypot(...values);
}

function smallestOf({ floats }: OneNode): number {
  const largest = floats
    .flatMap(({ values }) => [...values].map(Math.abs))
    .reduce((a, b) => Math.max(a, b), 0);
  return Math.max(smallestValue, smallestShare * largest);
}

function expectClose(
  name: string,
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
  smallest: number,
): void {
  const size = Math.max(smallest, ...expected.map(Math.abs));
  const errors = expected.map((value, i) => Math.abs(value - actual[i]!) / size);
  expect(actual.length, name).toBe(expected.length);
  expect(Math.max(0, ...errors), name).toBeLessThan(tolerance);
}
