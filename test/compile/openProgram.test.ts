/** A program opened through files computes what it computes from memory, bit for bit, with constants inside the loop's body too. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { expect, test, vi } from 'vitest';
import { loopModel, names } from '../../src/compile/loop.js';
import { openProgram } from '../../src/compile/openProgram.js';
import type { Model } from '../../src/onnx/model.js';
import { int64 } from '../../src/runtime/host.js';
import { randomTensor } from './reference.js';

const spec = (name: string, shape: number[]) => ({ name, shape, dtype: 'float32' as const });
const [size, steps] = [32, 5];
const table = tf.tensor(randomTensor(spec('table', [size, size])).data as Float32Array, [size, size]);

/** Descends on a weight, behind a constant layer and one that is given as a constant. */
const model = loopModel(
  ({ w }, { x }, { given }) => {
    const loss = (weights: tf.Tensor) =>
      x!
        .matMul(table)
        .tanh()
        .matMul(given as tf.Tensor2D)
        .matMul(weights as tf.Tensor2D)
        .square()
        .mean() as tf.Scalar;
    return { state: { w: w!.sub(tf.grad(loss)(w!).mul(0.1)) }, metrics: { loss: loss(w!) } };
  },
  {
    state: [spec('w', [size, size])],
    batch: [spec('x', [4, size])],
    constants: { given: randomTensor(spec('given', [size, size])) },
  },
);

async function trained(program: Model, largest?: number) {
  const session = await openProgram(program, { threads: 1 }, largest);
  try {
    return await session.run({
      [names.steps]: int64([], [steps]),
      [names.state('w')]: randomTensor(spec('w', [size, size])),
      [names.batch('x')]: randomTensor(spec('x', [steps, 4, size])),
    });
  } finally {
    await session.release();
  }
}

test('the state after some steps is the same, and no file is left', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'temper-program-'));
  vi.stubEnv('TMPDIR', folder);
  try {
    const expected = await trained(model);
    expect(await trained(model, 1000)).toEqual(expected);
    expect(await readdir(folder)).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
});
