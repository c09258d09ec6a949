/** The ceiling: the rate of a 1024 x 1024 matrix product in onnxruntime, in multiply-adds per second. */

import * as tf from '@tensorflow/tfjs';
import { compileFunction } from '../../src/compile/index.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';

const size = 1024;
const products = 8;

export async function openMatMul(threads: number) {
  const spec = (name: string) => ({ name, shape: [size, size], dtype: 'float32' as const });
  const program = await compileFunction(
    ({ a, b }) => {
      let y = a as tf.Tensor2D;
      for (let i = 0; i < products; i++) y = tf.matMul(y, b as tf.Tensor2D);
      return { largest: y.max() };
    },
    [spec('a'), spec('b')],
    { threads },
  );
  const values = (name: string) =>
    float32(
      [size, size],
      randomStream('bench', name)
        .normals(size * size)
        .map((value) => value / 32),
    );
  const feeds = { a: values('a'), b: values('b') };
  return {
    /** Multiply-adds per second of one run. */
    async rate(): Promise<number> {
      const start = performance.now();
      await program.run(feeds);
      return (products * size ** 3) / ((performance.now() - start) / 1000);
    },
    release: () => program.release(),
  };
}
