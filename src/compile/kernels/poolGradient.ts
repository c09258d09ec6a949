/** ONNX forms of the gradients of pooling. */
import { elementOf } from '../../lists/elementOf.js';
import { zip } from '../../lists/zip.js';
import { type Lowering, like, sizeOf, type Value } from '../kernel.js';
import { reshape } from '../rewrite.js';
import { isDilated, onnxWindow, type PoolAttributes, shareMatrices } from './poolWindow.js';
import { windowAxes } from './windows.js';

/** dx of a max pooling (inputs dy, x): dy goes to the first maximum of each window. */
export function lowerMaxPoolGradient(at: Lowering): Value {
  const axes = windowAxes(at.attrs as PoolAttributes);
  const spatial = at.input('x').shape.slice(2);
  const windows = at.input('dy').shape.slice(2);
  const disjoint = axes.every(({ kernel, stride }) => kernel <= stride) && !isDilated(at.attrs);
  // ONNX's inverse does not know of windows that hang over the end.
  const hanging = zip(spatial, windows, axes).some(
    ([extent, count, { kernel, stride }]) => (count - 1) * stride + kernel > extent,
  );
  return disjoint && !hanging ? unpoolMaxima(at) : scatterMaxima(at);
}

/** Windows that share no element: ONNX's own inverse of MaxPool. Its indices name the first maximum. */
function unpoolMaxima(at: Lowering): Value {
  const [x, dy] = [at.input('x'), at.input('dy')];
  const indices = maximaIndices(at, x, dy.shape);
  const { kernel, strides } = at.attrs as PoolAttributes;
  return at.node('MaxUnpool', [dy, indices, at.int64(x.shape)], like(x), { kernel_shape: kernel, strides });
}

/** Windows that overlap: an element collects the gradients of all windows it is the maximum of. */
function scatterMaxima(at: Lowering): Value {
  const [x, dy] = [at.input('x'), at.input('dy')];
  const windows = [sizeOf(dy.shape)];
  const indices = reshape(at.recorder, maximaIndices(at, x, dy.shape), windows);
  const size = [sizeOf(x.shape)];
  const sums = at.node(
    'ScatterElements',
    [at.constant(0, size), indices, reshape(at.recorder, dy, windows)],
    { shape: size, dtype: 'float32' },
    { axis: 0, reduction: 'add' },
  );
  return reshape(at.recorder, sums, x.shape);
}

/** Flat positions in x of the maxima, as ONNX's int64 (typed int32 here; only ONNX nodes see them). */
export function maximaIndices(
  at: Lowering,
  x: Value,
  shape: readonly number[],
  attributes: { storage_order?: number } = {},
): Value {
  const outs = [
    { shape, dtype: 'float32' },
    { shape, dtype: 'int32' },
  ] as const;
  const window = { ...onnxWindow(at.attrs, x.shape), ...attributes };
  return elementOf(at.nodes('MaxPool', [x], [...outs], window), 1, 'output');
}

/** dx = A' dy along each spatial axis, A [outputs, inputs] being the share of each input in each output. */
export function lowerAveragePoolGradient(at: Lowering, dy: Value, inputShape: readonly number[]): Value {
  const spatial = inputShape.slice(2);
  let value = dy;
  for (const [i, { inputs, outputs, matrix }] of [
    ...shareMatrices(inputShape, at.attrs).entries(),
  ].reverse()) {
    const rest = sizeOf(spatial.slice(i + 1));
    const outer = sizeOf(value.shape.slice(0, 2 + i));
    const shape = [...value.shape.slice(0, 2 + i), ...spatial.slice(i)];
    value =
      rest === 1
        ? product(at, reshape(at.recorder, value, [outer, outputs]), at.constant(matrix, [outputs, inputs]), [
            outer,
            inputs,
          ])
        : product(
            at,
            at.constant(transposed(matrix, outputs, inputs), [inputs, outputs]),
            reshape(at.recorder, value, [outer, outputs, rest]),
            [outer, inputs, rest],
          );
    value = reshape(at.recorder, value, shape);
  }
  return value;
}

function product(at: Lowering, a: Value, b: Value, shape: readonly number[]): Value {
  return at.node('MatMul', [a, b], { shape, dtype: 'float32' });
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}
