/** Operators of integers: remainders, shifts, bits (ONNX: Mod, BitShift, BitwiseAnd, BitwiseOr, BitwiseXor, BitwiseNot). */
import { bitwise, remainderOf } from '../../compile/kernels/integer.js';
import { dataTypeName } from '../../onnx/tensor.js';
import { int, string } from '../attributes.js';
import { broadcastShape, broadcastTogether } from '../broadcast.js';
import { isWideUnsigned, wrapAround } from '../integers.js';
import { defineOperator, type Operator, UnsupportedForm } from '../operator.js';

const wideHint = 'integers are kept in 32 bits with a sign: use a signed type, or one of up to 16 bits';

/**
 * C = A mod B. fmod 0: the remainder of Python, with the sign of the divisor, for integers; fmod 1: that of C, with the sign
 * of the dividend.
 */
export const Mod = defineOperator({
  type: 'Mod',
  since: [10, 13],
  inputs: ['A', 'B'],
  attributes: { fmod: int(0, { only: [0, 1] }) },
  evaluate({ A, B }, { fmod }) {
    broadcastShape(A, B);
    return fmod === 0 && A.dtype === 'int32' ? A.mod(B) : remainderOf(...broadcastTogether(A, B));
  },
  gradient: 'yes',
});

/** Z = X * 2^Y to the left, floor(X / 2^Y) to the right. */
export const BitShift = defineOperator({
  type: 'BitShift',
  since: [11],
  inputs: ['X', 'Y'],
  attributes: { direction: string('', { required: true, only: ['LEFT', 'RIGHT'] }) },
  evaluate({ X, Y }, { direction }, at) {
    const [x, y] = broadcastTogether(X, Y);
    const type = at.elementType('X')!;
    if (direction === 'LEFT' && isWideUnsigned(type))
      at.note(`${dataTypeName(type)} is kept in 32 bits with a sign: results from 2^31 on are wrong`);
    return wrapAround(bitwise(direction === 'LEFT' ? 'ShiftLeft' : 'ShiftRight', x, y), type);
  },
  gradient: 'no',
});

/** C = A op B, bit by bit. */
function bits(type: string, kernel: 'BitAnd' | 'BitOr' | 'BitXor'): Operator {
  return defineOperator({
    type,
    since: [18],
    inputs: ['A', 'B'],
    evaluate: ({ A, B }) => bitwise(kernel, ...broadcastTogether(A, B)),
    gradient: 'no',
  });
}

export const BitwiseAnd = bits('BitwiseAnd', 'BitAnd');
export const BitwiseOr = bits('BitwiseOr', 'BitOr');
export const BitwiseXor = bits('BitwiseXor', 'BitXor');

/** Y = -X - 1, which has the inverted bits of X in two's complement. */
export const BitwiseNot = defineOperator({
  type: 'BitwiseNot',
  since: [18],
  inputs: ['X'],
  evaluate({ X }, _, at) {
    const type = at.elementType('X')!;
    // Of a small number all high bits are set then, which int32 does not hold.
    if (isWideUnsigned(type)) throw new UnsupportedForm(`inverted bits of ${dataTypeName(type)}`, wideHint);
    return wrapAround(X.neg().sub(X.onesLike()), type);
  },
  gradient: 'no',
});
