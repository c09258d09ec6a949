/** Integer arithmetic that tfjs lacks: bits, shifts, and the remainder of C. */
import * as tf from '@tensorflow/tfjs';
import {
  defineKernel,
  type KernelDefinition,
  type KernelGradient,
  type Lowering,
  like,
  type Value,
} from '../kernel.js';
import { pair } from './elementwise.js';

const unsigned32 = 12;
const signed32 = 6;

/** Two int32 operands of one shape, element by element. */
function elementwise(
  name: string,
  lower: (at: Lowering) => Value,
  of: (a: number, b: number) => number,
  gradient?: KernelGradient<'a' | 'b'>,
) {
  return defineKernel({
    name,
    lower,
    inputs: ['a', 'b'],
    eager({ a, b }) {
      const [left, right] = [a.dataSync(), b.dataSync()];
      const values = left.map((value, i) => of(value, right[i]!));
      return tf.tensor(values, a.shape, a.dtype);
    },
    ...(gradient && { gradient }),
  });
}

const direct =
  (opType: string, attributes = {}) =>
  (at: Lowering) => {
    const { a, b, shape } = pair(at);
    return at.node(opType, [a, b], { shape, dtype: a.dtype }, attributes);
  };

/** ONNX shifts unsigned integers only. */
const shift = (direction: 'LEFT' | 'RIGHT') => (at: Lowering) => {
  const { a, b } = pair(at);
  const unsigned = (x: Value) => at.node('Cast', [x], like(x), { to: unsigned32 });
  const shifted = at.node('BitShift', [unsigned(a), unsigned(b)], like(a), { direction });
  return at.node('Cast', [shifted], like(a), { to: signed32 });
};

const remainder = elementwise('Remainder', direct('Mod', { fmod: 1 }), (a, b) => a % b, {
  needs: ['a', 'b'],
  of(dy, { a, b }) {
    const whole = () => {
      const ratio = a.div(b);
      return ratio.abs().floor().mul(ratio.sign());
    };
    return { a: () => dy, b: () => dy.mul(whole()).neg() };
  },
});

export const integerKernels: KernelDefinition[] = [
  elementwise('BitAnd', direct('BitwiseAnd'), (a, b) => a & b),
  elementwise('BitOr', direct('BitwiseOr'), (a, b) => a | b),
  elementwise('BitXor', direct('BitwiseXor'), (a, b) => a ^ b),
  elementwise('ShiftLeft', shift('LEFT'), (a, b) => (b > 31 ? 0 : a << b)),
  elementwise('ShiftRight', shift('RIGHT'), (a, b) => (b > 31 ? 0 : a >>> b)),
  remainder,
];

type BitOperation = 'BitAnd' | 'BitOr' | 'BitXor' | 'ShiftLeft' | 'ShiftRight';

/** Of two int32 tensors of one shape. Shifts are those of 32-bit unsigned integers. */
export function bitwise(name: BitOperation, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel(name, { a, b }) as tf.Tensor;
}

/** a - trunc(a / b) * b, of two tensors of one shape and type: the remainder of C, which has the sign of a. */
export function remainderOf(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel('Remainder', { a, b }) as tf.Tensor;
}
