/**
 * Large matrices [P, Q] in blocks: [Q / c, P, c], which is at once a blocked picture of Q channels and P pixels and the filter of a
 * pointwise convolution from P to Q channels. So the three products of a dense layer with weights W [P, Q] are convolutions that
 * read or write W as it lies, where a general matrix product would first repack it:
 *   y = x W:  W is the filter.   dx = dy W': W is the picture, dy the filter.   dW = x' dy: a picture.
 */
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { reshape, transpose } from '../rewrite.js';
import { extentOf, sameShape, shape2, shape4 } from '../shapes.js';
import { emitBlocked, pointwise } from './layout.js';
import { packedRun } from './packedRun.js';

/** Below this many elements (1 MiB) repacking costs little. */
const large = 2 ** 18;

export function canPack(shape: readonly number[], block: number): boolean {
  return shape.length === 2 && shape.every((extent) => extent % block === 0) && sizeOf(shape) >= large;
}

/** The shape of a packed matrix as a value: [1, Q, 1, P]. */
export function packedShape(shape: readonly number[]): number[] {
  const [rows, columns] = shape2(shape);
  return [1, columns, 1, rows];
}

export function pack(recorder: Recorder, block: number, x: Value): Value {
  return packedForm(recorder, x) ?? packedNoise(recorder, block, x) ?? packedRows(recorder, x);
}

/** A run of a vector, or a number times one: it is packed as it is taken. */
function packedNoise(recorder: Recorder, block: number, x: Value): Value | undefined {
  const made = recorder.definition(x);
  const [y, factor] = made?.opType === 'Mul' ? (made.inputs as [Value, Value]) : [x, undefined];
  if (factor && sizeOf(factor.shape) !== 1) return undefined;
  const run = packedRun(recorder, block, y);
  const packed = run && reshape(recorder, run, packedShape(x.shape));
  return packed && factor ? recorder.node('Mul', [packed, factor], packed) : packed;
}

export function unpack(recorder: Recorder, packed: Value): Value {
  const [, columns, , rows] = shape4(packed.shape);
  const plain = emitBlocked(
    recorder,
    'ReorderOutput',
    [packed],
    { shape: [1, 1, rows, columns], dtype: 'float32' },
    { channels: columns, channels_last: 1 },
  );
  return reshape(recorder, plain, [rows, columns]);
}

/** The packed matrix that x was unpacked from, if it was. */
export function packedForm(recorder: Recorder, x: Value | undefined): Value | undefined {
  if (x?.shape.length !== 2) return undefined;
  const plain = recorder.operandOf(x, 'Reshape');
  const packed = plain && recorder.operandOf(plain, 'ReorderOutput');
  if (!packed || recorder.definition(plain)?.attributes.channels_last !== 1) return undefined;
  // Reshapes compose, so x may also be another view of the matrix that was unpacked.
  return sameShape(packedShape(x.shape), packed.shape) ? packed : undefined;
}

/** MatMul and Gemm where a large matrix takes part; undefined where no form above applies. */
export function packedProduct(
  recorder: Recorder,
  block: number,
  [a, b, bias]: readonly (Value | undefined)[],
  out: ValueSpec,
  [transposeA, transposeB]: readonly [boolean, boolean],
): Value | undefined {
  if (a?.shape.length !== 2 || b?.shape.length !== 2) return undefined;
  const [examples] = shape2(a.shape);
  const weights = packedForm(recorder, b);
  if (weights && !transposeA && canPack(b.shape, block)) {
    if (!transposeB) return forward(recorder, weights, a, bias, out);
    if (!bias && examples % block === 0) return backward(recorder, block, weights, a, out);
  }
  const outer = transposeA && !transposeB && !bias && canPack(out.shape, block);
  return outer && examples % block === 0 ? outerProduct(recorder, block, a, b, out) : undefined;
}

/** x [m, P] times W [P, Q], plus a bias [Q]. */
function forward(
  recorder: Recorder,
  weights: Value,
  x: Value,
  bias: Value | undefined,
  out: ValueSpec,
): Value {
  const [, q, , p] = shape4(weights.shape);
  const filter = reshape(recorder, weights, [q, p, 1, 1]);
  return unpack(
    recorder,
    pointConvolution(recorder, packedRows(recorder, x), filter, bias, packedShape(out.shape)),
  );
}

/** dy [m, Q] times the transpose of W [P, Q]: [m, P]. */
function backward(recorder: Recorder, block: number, weights: Value, dy: Value, out: ValueSpec): Value {
  const [m, q] = shape2(dy.shape);
  const split = reshape(recorder, dy, [m / block, block, q / block, block]);
  const filter = reshape(recorder, transpose(recorder, split, [0, 2, 3, 1]), [m, q, 1, 1]);
  const shape = [1, m, 1, extentOf(out.shape, 1)];
  const product = pointConvolution(recorder, weights, filter, undefined, shape);
  const plain = emitBlocked(
    recorder,
    'ReorderOutput',
    [product],
    { shape, dtype: 'float32' },
    { channels: m },
  );
  return reshape(recorder, plain, out.shape);
}

/** The transpose of x [m, P] times dy [m, Q]: [P, Q]. */
function outerProduct(recorder: Recorder, block: number, x: Value, dy: Value, out: ValueSpec): Value {
  const [m, q] = shape2(dy.shape);
  const shape = [1, m, 1, extentOf(x.shape, 1)];
  const picture = emitBlocked(recorder, 'ReorderInput', [reshape(recorder, x, shape)], {
    shape,
    dtype: 'float32',
  });
  const split = reshape(recorder, dy, [m / block, block, q / block, block]);
  const filter = reshape(recorder, transpose(recorder, split, [2, 0, 1, 3]), [q, m, 1, 1]);
  return unpack(recorder, pointConvolution(recorder, picture, filter, undefined, packedShape(out.shape)));
}

/** The rows of x [m, P] as the pixels of a blocked picture [1, P, 1, m]. */
function packedRows(recorder: Recorder, x: Value): Value {
  const [rows, columns] = shape2(x.shape);
  const shape = packedShape(x.shape);
  const picture = reshape(recorder, x, [1, 1, rows, columns]);
  return emitBlocked(recorder, 'ReorderInput', [picture], { shape, dtype: 'float32' }, { channels_last: 1 });
}

function pointConvolution(
  recorder: Recorder,
  picture: Value,
  filter: Value,
  bias: Value | undefined,
  shape: readonly number[],
): Value {
  const out = { shape, dtype: 'float32' } as const;
  return emitBlocked(recorder, 'Conv', [picture, filter, bias], out, { ...pointwise, group: 1 });
}
