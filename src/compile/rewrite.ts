/**
 * Rewriting rules applied while a node is recorded. They keep values exactly (up to the sign of zero), except that a
 * bias added inside a convolution or product may be rounded at another moment.
 * They matter: network code flows in ONNX's NCHW while tfjs's own kernels come with transposes of their own,
 * and tfjs's gradients multiply by ones and expand what broadcasting would do for free.
 */

import { sizeOf, type Value, type ValueSpec } from './kernel.js';
import { isSplat, type Recorder } from './recorder.js';
import {
  broadcastShape,
  composePermutations,
  isIdentityPermutation,
  movesNothing,
  sameShape,
} from './shapes.js';

/** Transpose(Transpose(x)) is one Transpose, or x itself; a Transpose that moves nothing is a Reshape. */
export function transpose(recorder: Recorder, x: Value, perm: readonly number[]): Value {
  if (isIdentityPermutation(perm)) return x;
  const shape = perm.map((axis) => x.shape[axis]!);
  if (isSplat(x)) return { ...x, shape } as Value;
  if (movesNothing(x.shape, perm)) return reshape(recorder, x, shape);
  const before = recorder.definition(x);
  if (before?.opType === 'Transpose') {
    return transpose(
      recorder,
      before.inputs[0]!,
      composePermutations(before.attributes.perm as number[], perm),
    );
  }
  return recorder.emit('Transpose', [x], [{ shape, dtype: x.dtype }], { perm: [...perm] })[0]!;
}

/** Reshape(Reshape(x)) is one Reshape, or x itself. */
export function reshape(recorder: Recorder, x: Value, shape: readonly number[]): Value {
  if (sameShape(shape, x.shape)) return x;
  if (isSplat(x)) return { ...x, shape } as Value;
  const before = recorder.definition(x);
  if (before?.opType === 'Reshape') return reshape(recorder, before.inputs[0]!, shape);
  // Where there are no elements, 0 must mean 0.
  if (shape.includes(0)) {
    const out = { shape, dtype: x.dtype };
    return recorder.emit('Reshape', [x, recorder.int64(shape)], [out], { allowzero: 1 })[0]!;
  }
  // 0 copies an extent: where the first dimension stays, the program does not depend on the size of the batch.
  const target = shape.map((extent, i) => (i === 0 && extent === x.shape[0] ? 0 : extent));
  return recorder.emit('Reshape', [x, recorder.int64(target)], [{ shape, dtype: x.dtype }])[0]!;
}

export function expand(recorder: Recorder, x: Value, shape: readonly number[]): Value {
  if (sameShape(shape, x.shape)) return x;
  if (isSplat(x)) return { ...x, shape } as Value;
  return recorder.emit('Expand', [x, recorder.int64(shape)], [{ shape, dtype: x.dtype }])[0]!;
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
    if (sameShape(broadcastShape(x.shape, y.shape), out.shape))
      return recorder.emit(opType, [x, y], [out])[0]!;
  }
  return recorder.emit(opType, [a, b], [out])[0]!;
}

/** The operand before it was expanded. */
export function compact(recorder: Recorder, value: Value): Value {
  if (isSplat(value)) return { ...value, shape: [] } as Value;
  const definition = recorder.definition(value);
  return definition?.opType === 'Expand' ? definition.inputs[0]! : value;
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
    const channels = product.shape[1]!;
    const wanted = [channels, ...product.shape.slice(2).map(() => 1)];
    const given = addend.shape.length === product.shape.length ? addend.shape.slice(1) : addend.shape;
    if (sizeOf(addend.shape) !== channels || !sameShape(given, wanted)) return undefined;
    return recorder.emit('Conv', [...inputs, reshape(recorder, addend, [channels])], [out], attributes)[0]!;
  }
  if (
    opType !== 'Gemm' &&
    !(opType === 'MatMul' && product.shape.length === 2 && inputs[0]!.shape.length === 2)
  )
    return undefined;
  // onnxruntime has no Gemm of integers.
  if (out.dtype !== 'float32' || !sameShape(addend.shape, [out.shape[1]!])) return undefined;
  return recorder.emit('Gemm', [...inputs, addend], [out], attributes)[0]!;
}
