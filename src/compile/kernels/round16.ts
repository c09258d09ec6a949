/** Rounds to a 16-bit floating-point type and back: what a cast to float16 or bfloat16 loses. */
import * as tf from '@tensorflow/tfjs';
import { narrow, widen } from '../../onnx/floats.js';
import { defineKernel, like } from '../kernel.js';

const kernel = defineKernel({
  name: 'Round16',
  lower(at) {
    const x = at.input('x');
    // The recorder knows no 16-bit type: the value between the two casts is seen by nobody else.
    const short = at.node('Cast', [x], like(x), { to: at.attrs.elementType });
    return at.node('Cast', [short], like(x), { to: 1 });
  },
  eager({ x }, { elementType }) {
    return tf.tensor(widen(narrow(x!.dataSync(), elementType), elementType), x!.shape, 'float32');
  },
  gradient: { gradFunc: (dy) => ({ x: () => dy as tf.Tensor }) },
});

export const roundKernels = [kernel];

/** x (float32) as elementType (DataType.FLOAT16 or BFLOAT16) holds it. The gradient is that of the identity. */
export function roundTo16(x: tf.Tensor, elementType: number): tf.Tensor {
  return tf.engine().runKernel('Round16', { x }, { elementType }) as tf.Tensor;
}
