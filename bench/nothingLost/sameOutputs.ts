/** The source file in onnxruntime, and how far the imported, compiled network is from it. */
import { compileFunction } from '../../src/compile/index.js';
import { exampleSize } from '../../src/data/dataset.js';
import type { Network } from '../../src/index.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { compared, type Examples } from './examples.js';

/** Every output for the compared examples, in the batches that the file fixes, if it does. */
export async function sourceOutputs(
  path: string,
  network: Network,
  { shape, values }: Examples,
): Promise<Float32Array[]> {
  const { name, fixedBatch: batch = compared } = network.inputs[0]!;
  const size = values.length / compared;
  const session = await openSession(path, { threads: 1 });
  const parts: Float32Array[][] = network.outputs.map(() => []);
  for (let first = 0; first < compared; first += batch) {
    const x = values.slice(first * size, (first + batch) * size);
    const results = await session.run({ [name]: float32([batch, ...shape], x) });
    network.outputs.forEach((output, i) => {
      parts[i]!.push(results[output]!.data as Float32Array);
    });
  }
  await session.release();
  return parts.map((part) => Float32Array.from(part.flatMap((values) => [...values])));
}

/** The largest difference as a share of the largest value of the same output. */
export async function largestError(
  network: Network,
  { shape, values }: Examples,
  expected: readonly Float32Array[],
): Promise<number> {
  const input = network.inputs[0]!.name;
  const parameters = Object.fromEntries(
    [...network.parameters.values()].map(({ name, shape: dims, values: floats }) => [
      name,
      float32(dims, floats),
    ]),
  );
  const compiled = await compileFunction(
    ({ [input]: x, ...given }) => {
      const { outputs } = network.forward(given, { [input]: x! });
      return Object.fromEntries(network.outputs.map((name, i) => [`output${i}`, outputs[name]!]));
    },
    [{ name: input, shape: [compared, ...shape], dtype: 'float32' }],
    { parameters, threads: 1 },
  );
  const actual = await compiled.run({ [input]: float32([compared, ...shape], values) });
  await compiled.release();
  const errors = expected.map((wanted, i) => relative(actual[`output${i}`]!.data as Float32Array, wanted));
  return Math.max(...errors);
}

function relative(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    size = Math.max(size, Math.abs(expected[i]!));
    error = Math.max(error, Math.abs(expected[i]! - actual[i]!));
  }
  return error / size;
}

/** Whether onnxruntime can run the file as it stands, on zeros. */
export async function sourceRuns(path: string): Promise<boolean> {
  try {
    const session = await openSession(path, { threads: 1 });
    const feeds = session.inputs.map(({ name, shape }) => {
      const dims = shape.map((extent) => (typeof extent === 'number' && extent > 0 ? extent : 1));
      return [name, float32(dims, new Float32Array(exampleSize(dims)))] as const;
    });
    await session.run(Object.fromEntries(feeds)).finally(() => session.release());
    return true;
  } catch {
    return false;
  }
}
