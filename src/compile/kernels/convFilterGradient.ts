/**
 * ONNX forms of the filter gradient dw[g, m, c, k] = sum over b, l of x[b, g, c, stride * l + dilation * k - pad] * dy[b, g, m, l].
 * All cut the padded input into one shifted slice for each kernel element k; they differ in how a slice meets dy.
 * A convolution with an image-sized kernel would be one node, and the slowest of all (decision 7).
 */
import { zip } from '../../lists/zip.js';
import { type Lowering, sizeOf, type Value } from '../kernel.js';
import { reshape, transpose } from '../rewrite.js';
import { extentOf } from '../shapes.js';
import { type WindowAttributes, windowAxes } from './windows.js';

/** Below this many output positions a product for each example is too small for a fast MatMul. */
const fewPositions = 64;

/** Lowers ConvGradFilter (inputs x, dy) by the form that suits its shape. Returns dw of `filterShape`. */
export function lowerFilterGradient(
  at: Lowering,
  window: WindowAttributes,
  group: number,
  filterShape: readonly number[],
): Value {
  const [x, dy] = [at.input('x'), at.input('dy')];
  const positions = sizeOf(dy.shape.slice(2));
  if (group > 1 && filterShape[1] === 1) return byProducts(at, x, dy, window, group, filterShape);
  if (group === 1 && positions < fewPositions) return byOneGemm(at, x, dy, window, filterShape);
  return byBatchedMatMul(at, x, dy, window, group, filterShape);
}

/** For each k: slice [B, G, C, L] times dy transposed once [B, G, L, M], summed over the batch. Any groups. */
function byBatchedMatMul(
  at: Lowering,
  x: Value,
  dy: Value,
  window: WindowAttributes,
  group: number,
  filterShape: readonly number[],
): Value {
  const batch = extentOf(x.shape, 0);
  const [m, c] = [extentOf(filterShape, 0) / group, extentOf(filterShape, 1)];
  const positions = sizeOf(dy.shape.slice(2));
  const dyT = transpose(at.recorder, reshape(at.recorder, dy, [batch, group, m, positions]), [0, 1, 3, 2]);
  const slices = shiftedSlices(at, x, dy.shape.slice(2), window);
  const parts = slices.map((slice) => {
    const columns = reshape(at.recorder, slice, [batch, group, c, positions]);
    const product = at.node('MatMul', [columns, dyT], { shape: [batch, group, c, m], dtype: 'float32' });
    return sum(at, product, [0], [1, group, c, m]);
  });
  const stacked = concat(at, parts, [parts.length, group, c, m]);
  return reshape(at.recorder, transpose(at.recorder, stacked, [1, 3, 2, 0]), filterShape);
}

/** All slices of the input, channels first, stacked to [K * C, B * L], times dy as [B * L, M]: one large product. */
function byOneGemm(
  at: Lowering,
  x: Value,
  dy: Value,
  window: WindowAttributes,
  filterShape: readonly number[],
): Value {
  const batch = extentOf(x.shape, 0);
  const [m, c] = [extentOf(filterShape, 0), extentOf(filterShape, 1)];
  const rows = batch * sizeOf(dy.shape.slice(2));
  const swap = x.shape.map((_, axis) => (axis === 0 ? 1 : axis === 1 ? 0 : axis));
  const dyRows = transpose(
    at.recorder,
    reshape(at.recorder, transpose(at.recorder, dy, swap), [m, rows]),
    [1, 0],
  );
  const slices = shiftedSlices(at, transpose(at.recorder, x, swap), dy.shape.slice(2), window);
  const columns = concat(
    at,
    slices.map((slice) => reshape(at.recorder, slice, [c, rows])),
    [slices.length * c, rows],
  );
  const product = at.node('MatMul', [columns, dyRows], { shape: [slices.length * c, m], dtype: 'float32' });
  const byKernel = reshape(at.recorder, product, [slices.length, c, m]);
  return reshape(at.recorder, transpose(at.recorder, byKernel, [2, 1, 0]), filterShape);
}

/** Depthwise: each k is the sum of slice times dy over batch and positions; dy has m channels for each input channel. */
function byProducts(
  at: Lowering,
  x: Value,
  dy: Value,
  window: WindowAttributes,
  group: number,
  filterShape: readonly number[],
): Value {
  const batch = extentOf(x.shape, 0);
  const m = extentOf(filterShape, 0) / group;
  const positions = sizeOf(dy.shape.slice(2));
  const outputs = reshape(at.recorder, dy, [batch, group, m, positions]);
  const parts = shiftedSlices(at, x, dy.shape.slice(2), window).map((slice) => {
    const column = reshape(at.recorder, slice, [batch, group, 1, positions]);
    const product = at.node('Mul', [column, outputs], {
      shape: [batch, group, m, positions],
      dtype: 'float32',
    });
    return sum(at, product, [0, 3], [1, group, m, 1]);
  });
  const stacked = concat(at, parts, [parts.length, group, m, 1]);
  return reshape(at.recorder, transpose(at.recorder, stacked, [1, 2, 3, 0]), filterShape);
}

/** For each kernel element in row-major order, the inputs [., ., ...output] it meets. Leading two axes pass through. */
function shiftedSlices(at: Lowering, x: Value, output: readonly number[], window: WindowAttributes): Value[] {
  const { kernel, strides } = window;
  const axes = windowAxes(window);
  const padded = pad(at, x, window);
  return [...Array(sizeOf(kernel)).keys()].map((k) => {
    const starts = axes.map(
      (axis, i) => (Math.floor(k / sizeOf(kernel.slice(i + 1))) % axis.kernel) * axis.dilation,
    );
    const ends = zip(starts, output, strides).map(
      ([start, count, stride]) => start + (count - 1) * stride + 1,
    );
    const shape = [...x.shape.slice(0, 2), ...output];
    if (shape.every((extent, axis) => extent === padded.shape[axis])) return padded;
    const spatial = axes.map((_, i) => i + 2);
    const operands = [starts, ends, spatial, strides].map((values) => at.int64(values));
    return at.node('Slice', [padded, ...operands], { shape, dtype: 'float32' });
  });
}

function pad(at: Lowering, x: Value, window: WindowAttributes): Value {
  const axes = windowAxes(window);
  if (axes.every(({ begin, end }) => begin === 0 && end === 0)) return x;
  const spatial = zip(x.shape.slice(2), axes).map(([extent, { begin, end }]) => begin + extent + end);
  const shape = [...x.shape.slice(0, 2), ...spatial];
  const all = [0, 0, ...axes.map(({ begin }) => begin), 0, 0, ...axes.map(({ end }) => end)];
  return at.node('Pad', [x, at.int64(all)], { shape, dtype: 'float32' });
}

function concat(at: Lowering, parts: Value[], shape: readonly number[]): Value {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  return at.node('Concat', parts, { shape, dtype: 'float32' }, { axis: 0 });
}

function sum(at: Lowering, x: Value, axes: number[], shape: readonly number[]): Value {
  return at.node('ReduceSum', [x, at.int64(axes)], { shape, dtype: 'float32' }, { keepdims: 1 });
}
