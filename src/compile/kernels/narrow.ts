/** float32 values rounded to those that a narrower floating-point type has. */
import * as tf from '@tensorflow/tfjs';
import { narrow, widen } from '../../onnx/floats.js';
import { DataType } from '../../onnx/model.js';
import { defineKernel, like } from '../kernel.js';

/** To the nearest float16 or bfloat16 (a DataType), halves to even, beyond the largest to infinity. Straight through. */
export function narrowed(x: tf.Tensor, type: number): tf.Tensor {
  return tf.engine().runKernel('Narrow', { x }, { type }) as tf.Tensor;
}

export const narrowKernel = defineKernel({
  name: 'Narrow',
  lower(at) {
    const x = at.input('x');
    const short = at.node('Cast', [x], like(x), { to: at.attrs.type });
    return at.node('Cast', [short], like(x), { to: DataType.FLOAT });
  },
  inputs: ['x'],
  eager: ({ x }, { type }) => tf.tensor(widen(narrow(x.dataSync(), type), type), x.shape),
  gradient: { of: (dy) => ({ x: () => dy }) },
});
