/**
 * Rewriting rules applied while a node is recorded. They keep values exactly (up to the sign of zero), except that a
 * bias added inside a convolution or product may be rounded at another moment.
 * They matter: network code flows in ONNX's NCHW while tfjs's own kernels come with transposes of their own,
 * and tfjs's gradients multiply by ones and expand what broadcasting would do for free.
 */

import { isSplat } from './constants.js';
import { sizeOf, type Value, type ValueSpec } from './kernel.js';
import type { Recorder } from './recorder.js';
import {
  broadcastShape,
  composePermutations,
  extentOf,
  isIdentityPermutation,
  movesNothing,
  sameShape,
} from './shapes.js';

/** Transpose(Transpose(x)) is one Transpose, or x itself; a Transpose that moves nothing is a Reshape. */
export function transpose(recorder: Recorder, x: Value, perm: readonly number[]): Value {
  if (isIdentityPermutation(perm)) return x;
  const shape = perm.map((axis) => extentOf(x.shape, axis));
  if (isSplat(x)) return { ...x, shape } as Value;
  if (movesNothing(x.shape, perm)) return reshape(recorder, x, shape);
  const before = recorder.operandOf(x, 'Transpose');
  if (before) {
    const first = recorder.definition(x)?.attributes.perm as number[];
    return transpose(recorder, before, composePermutations(first, perm));
  }
  return recorder.node('Transpose', [x], { shape, dtype: x.dtype }, { perm: [...perm] });
}

/** Reshape(Reshape(x)) is one Reshape, or x itself. */
export function reshape(recorder: Recorder, x: Value, shape: readonly number[]): Value {
  if (sameShape(shape, x.shape)) return x;
  if (isSplat(x)) return { ...x, shape } as Value;
  const before = recorder.operandOf(x, 'Reshape');
  if (before) return reshape(recorder, before, shape);
  const out = { shape, dtype: x.dtype };
  // Where there are no elements, 0 must mean 0.
  if (shape.includes(0)) return recorder.node('Reshape', [x, recorder.int64(shape)], out, { allowzero: 1 });
  // 0 copies an extent: where the first dimension stays, the program does not depend on the size of the batch.
  const target = shape.map((extent, i) => (i === 0 && extent === x.shape[0] ? 0 : extent));
  return recorder.node('Reshape', [x, recorder.int64(target)], out);
}

export function expand(recorder: Recorder, x: Value, shape: readonly number[]): Value {
  if (sameShape(shape, x.shape)) return x;
  if (isSplat(x)) return { ...x, shape } as Value;
  return recorder.node('Expand', [x, recorder.int64(shape)], { shape, dtype: x.dtype });
}

/** An elementwise operation of two inputs: neutral elements vanish, and operands are not expanded where ONNX broadcasts. */
export function binary(recorder: Recorder, opType: string, a: Value, b: Value, out: ValueSpec): Value {
  const simpler =
    neutral(recorder, opType, a, b, out) ?? (opType === 'Add' ? bias(recorder, a, b, out) : undefined);
  if (simpler) return simpler;
  for (const [x, y] of [
    [compact(recorder, a), compact(recorder, b)],
    [compact(recorder, a), b],
    [a, compact(recorder, b)],
  ] as const) {
    if (sameShape(broadcastShape(x.shape, y.shape), out.shape)) return recorder.node(opType, [x, y], out);
  }
  return recorder.node(opType, [a, b], out);
}

/** The operand before it was expanded. */
export function compact(recorder: Recorder, value: Value): Value {
  if (isSplat(value)) return { ...value, shape: [] } as Value;
  return recorder.operandOf(value, 'Expand') ?? value;
}

function neutral(recorder: Recorder, opType: string, a: Value, b: Value, out: ValueSpec): Value | undefined {
  const is = (value: Value, number: number) =>
    (isSplat(value) && value.splat === number) ||
    (value.constant !== undefined && sizeOf(value.shape) === 1 && value.constant[0] === number);
  const right = { Add: 0, Sub: 0, Mul: 1, Div: 1 }[opType];
  if (right === undefined || a.dtype !== out.dtype) return undefined;
  if (is(b, right)) return expand(recorder, a, out.shape);
  if ((opType === 'Add' || opType === 'Mul') && is(a, right)) return expand(recorder, b, out.shape);
  return undefined;
}

/** Conv(x, w) + b, one b per channel, is Conv(x, w, b); x W + b, one b per column, is Gemm(x, W, b). */
function bias(recorder: Recorder, product: Value, addend: Value, out: ValueSpec): Value | undefined {
  const definition = recorder.definition(product);
  if (definition?.inputs.length !== 2 || !sameShape(product.shape, out.shape)) return undefined;
  const { opType, inputs, attributes } = definition;
  if (opType === 'Conv') {
    const channels = extentOf(product.shape, 1);
    const wanted = [channels, ...product.shape.slice(2).map(() => 1)];
    const given = addend.shape.length === product.shape.length ? addend.shape.slice(1) : addend.shape;
    if (sizeOf(addend.shape) !== channels || !sameShape(given, wanted)) return undefined;
    return recorder.node('Conv', [...inputs, reshape(recorder, addend, [channels])], out, attributes);
  }
  const ofMatrices = product.shape.length === 2 && inputs[0]?.shape.length === 2;
  if (opType !== 'Gemm' && !(opType === 'MatMul' && ofMatrices)) return undefined;
  // onnxruntime has no Gemm of integers.
  if (out.dtype !== 'float32' || !sameShape(addend.shape, out.shape.slice(1))) return undefined;
  return recorder.node('Gemm', [...inputs, addend], out, attributes);
}
