/** A network with another batch than its file fixes, against the file itself in its own batch: example by example. */
import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { type Problem, TemperError } from '../../../src/errors.js';
import { examine } from '../../../src/import/examine.js';
import type { Network } from '../../../src/network/network.js';
import { encodeModel } from '../../../src/onnx/codec.js';
import type { Model } from '../../../src/onnx/model.js';
import { randomStream } from '../../../src/random/stream.js';
import { float32, type HostTensor } from '../../../src/runtime/host.js';
import { openSession, type Session } from '../../../src/runtime/session.js';

/** What onnxruntime does not run says nothing. */
export type Outcome = 'same' | 'not run' | readonly Problem[];

/** Examples that are looked at. */
const compared = 3;

/** float32 sums in another order, through a few layers. */
const tolerance = 1e-4;

/** Fails where the network is taken for any batch, and an example's outputs are not those of the file. */
export async function expectSamePerExample(model: Model, key: string): Promise<Outcome> {
  const { network, problems } = examine(model);
  if (problems.length > 0) return problems;
  const session = await openSession(encodeModel(model), { threads: 1, optimization: 'disabled' }).catch(
    () => undefined,
  );
  if (!session) return 'not run';
  try {
    const fixed = network.inputs.map(({ fixedBatch }) => fixedBatch ?? 1);
    const examples = Array.from({ length: Math.max(...fixed) + 2 }, (_, i) =>
      exampleOf(network, `${key} ${i}`),
    );
    return (await compare(network, session, examples, key)) ? 'same' : 'not run';
  } finally {
    await session.release();
  }
}

type Example = Record<string, Float32Array>;

function exampleOf({ inputs }: Network, key: string): Example {
  return Object.fromEntries(
    inputs.map(({ name, shape }) => [
      name,
      randomStream('example', `${key} ${name}`).normals(size(shape.slice(1))),
    ]),
  );
}

async function compare(
  network: Network,
  session: Session,
  examples: Example[],
  key: string,
): Promise<boolean> {
  await tf.setBackend('cpu');
  const together = feeds(network, examples, () => examples.length);
  const inputs = Object.fromEntries(
    Object.entries(together).map(([name, { dims, data }]) => [
      name,
      tf.tensor(data as Float32Array, [...dims]),
    ]),
  );
  const { outputs, batchAxes } = forward(network, inputs) ?? {};
  // Refused: not silently different.
  if (!outputs || !batchAxes) return true;
  const slots = Math.max(...network.inputs.map(({ fixedBatch }) => fixedBatch ?? 1));
  for (const [e, example] of examples.slice(0, compared).entries()) {
    const slot = randomStream('slot', `${key} ${e}`).integers(1, slots)[0]!;
    // Companions are others than in the batch, so that whatever depends on them differs.
    const own = Array.from({ length: slots }, (_, i) =>
      i === slot ? example : exampleOf(network, `${key} other ${i}`),
    );
    const fed = feeds(network, own, (input) => input.fixedBatch ?? 1);
    const expected = await session.run(fed).catch(() => undefined);
    if (!expected) return false;
    for (const [name, { dims, data }] of Object.entries(expected)) {
      const axis = batchAxes[name];
      const output = outputs[name]!;
      if (axis === undefined) {
        expect(output.shape, name).toEqual(dims);
        expectClose(output.dataSync(), numbers(data), name);
        continue;
      }
      const rows = output.shape[axis]! / examples.length;
      expect(dims.length, name).toBe(output.rank);
      const inFile = tf.tensor(numbers(data), [...dims]);
      expectClose(
        sliceOf(output, axis, e, rows),
        sliceOf(inFile, axis, slot, rows),
        `${name} of example ${e}`,
      );
    }
  }
  return true;
}

function forward(network: Network, inputs: Record<string, tf.Tensor>) {
  try {
    return network.forward({}, inputs);
  } catch (cause) {
    if (cause instanceof TemperError) return undefined;
    throw cause;
  }
}

function feeds(
  { inputs }: Network,
  examples: readonly Example[],
  countOf: (input: Network['inputs'][number]) => number,
): Record<string, HostTensor> {
  return Object.fromEntries(
    inputs.map((input) => {
      const rest = input.shape.slice(1) as number[];
      const values = Array.from({ length: countOf(input) }, (_, i) => examples[i]![input.name]!);
      const data = new Float32Array(values.length * size(rest));
      for (const [i, row] of values.entries()) data.set(row, i * size(rest));
      return [input.name, float32([values.length, ...rest], data)];
    }),
  );
}

function sliceOf(tensor: tf.Tensor, axis: number, index: number, rows: number): Float32Array {
  const begin = tensor.shape.map((_, i) => (i === axis ? index * rows : 0));
  const extents = tensor.shape.map((extent, i) => (i === axis ? rows : extent));
  return tensor.slice(begin, extents).dataSync() as Float32Array;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  let largest = 1;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]!) || 0);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    if (Object.is(a, b) || a === b) continue;
    expect(Math.abs(a - b), `${what} [${i}]: ${a} for ${b}`).toBeLessThan(tolerance * largest);
  }
}

function numbers(data: HostTensor['data']): Float32Array {
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

function size(shape: readonly (number | undefined)[]): number {
  return shape.reduce<number>((product, extent) => product * extent!, 1);
}
