/** Kernels that pick elements by index, and those that add into them. */
import * as tf from '@tensorflow/tfjs';
import { elementOf } from '../../lists/elementOf.js';
import { splatValue } from '../constants.js';
import {
  defineKernel,
  infoOf,
  type KernelDefinition,
  type Lowering,
  like,
  sizeOf,
  type Value,
} from '../kernel.js';
import { reshape, transpose } from '../rewrite.js';
import { extentOf } from '../shapes.js';
import { scatterTuples } from './addressed.js';
import { axisOf } from './reduce.js';
import { lowerScatterTuples } from './scatterTuples.js';

const gradientOfTfjs = tf.getGradient('GatherV2');

const gatherV2 = defineKernel({
  name: 'GatherV2',
  lower(at) {
    const [x, indices] = [at.input('x'), at.input('indices')];
    const axis = axisOf(at, x);
    if (at.attrs.batchDims) return gatherEach(at, x, indices, axis);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return at.node('Gather', [x, indices], { shape, dtype: x.dtype }, { axis });
  },
  // tfjs's own breaks where the indices depend on what is derived by, if only through a conversion to integers.
  gradient: {
    needs: ['x', 'indices'],
    of(dy, { x, indices }, attributes) {
      if (attributes.batchDims) return gradientOfTfjs.gradFunc(dy, [x, indices], attributes);
      const axis = elementOf(tf.util.parseAxisParam(attributes.axis, x.shape), 0, 'axis');
      return {
        x: () => gatherGradient(dy, x.shape, indices, axis),
        indices: () => tf.zeros(indices.shape),
      };
    },
  },
});

/** The slopes added up at the places they were read from: with that axis first, for a scatter of rows. */
function gatherGradient(
  dy: tf.Tensor,
  shape: readonly number[],
  indices: tf.Tensor,
  axis: number,
): tf.Tensor {
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  const front = (rank: number) => [axis, ...[...Array(rank).keys()].filter((i) => i !== axis)];
  const columns = dy.reshape([...before, indices.size, ...after]);
  const rows = columns.transpose(front(shape.length));
  const into = tf.zeros([extentOf(shape, axis), ...before, ...after]);
  const sums = scatterTuples(into, indices.reshape([indices.size, 1]), rows, 'add');
  const back = front(shape.length);
  return sums.transpose(back.map((_, i) => back.indexOf(i)));
}

/**
 * The leading `batchDims` axes of x and of the indices go together: a plain Gather from the B * D slices of all examples,
 * example b reading those from b D on.
 */
function gatherEach(at: Lowering, x: Value, indices: Value, axis: number): Value {
  const { batchSize, outerSize, dimSize, sliceSize, outputShape } =
    tf.backend_util.segment_util.collectGatherOpShapeInfo(
      infoOf(x),
      infoOf(indices),
      axis,
      at.attrs.batchDims,
    );
  const split = reshape(at.recorder, x, [batchSize, outerSize, dimSize, sliceSize]);
  const slices = transpose(at.recorder, split, [0, 2, 1, 3]);
  const first = Int32Array.from({ length: batchSize }, (_, b) => b * dimSize);
  const rows = reshape(at.recorder, indices, [batchSize, sizeOf(indices.shape) / batchSize]);
  const picked = at.node(
    'Gather',
    [
      reshape(at.recorder, slices, [batchSize * dimSize, outerSize, sliceSize]),
      at.node('Add', [rows, at.constant(first, [batchSize, 1], 'int32')], rows),
    ],
    { shape: [...rows.shape, outerSize, sliceSize], dtype: x.dtype },
    { axis: 0 },
  );
  return reshape(at.recorder, transpose(at.recorder, picked, [0, 2, 1, 3]), outputShape);
}

const gatherNd = defineKernel({
  name: 'GatherNd',
  lower(at) {
    const [params, indices] = [at.input('params'), at.input('indices')];
    tf.backend_util.prepareAndValidate(infoOf(params), infoOf(indices));
    const depth = extentOf(indices.shape, -1);
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
    const wide = at.node('Cast', [indices], like(indices), { to: 7 });
    return at.node('GatherND', [params, wide], { shape, dtype: params.dtype });
  },
});

/** one-hot = (indices[..., None] == range(depth)) ? on : off. */
const oneHot = defineKernel({
  name: 'OneHot',
  lower(at) {
    const indices = at.input('indices');
    const { depth, onValue, offValue, dtype = 'int32' } = at.attrs;
    const shape = [...indices.shape, depth];
    const column = reshape(at.recorder, indices, [...indices.shape, 1]);
    const classes = at.constant(
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
      'int32',
    );
    const hit = at.node('Equal', [column, classes], { shape, dtype: 'bool' });
    return at.node('Where', [hit, at.constant(onValue, [], dtype), at.constant(offValue, [], dtype)], {
      shape,
      dtype,
    });
  },
});

/** out[s] = sum of the rows of x whose segment is s: the gradient of a gather. Rows of no such segment are left out. */
const unsortedSegmentSum = defineKernel({
  name: 'UnsortedSegmentSum',
  lower(at) {
    const [x, segments] = [at.input('x'), at.input('segmentIds')];
    const shape = [at.attrs.numSegments, ...x.shape.slice(segments.shape.length)];
    const rows = reshape(at.recorder, x, [sizeOf(segments.shape), ...shape.slice(1)]);
    const column = reshape(at.recorder, segments, [sizeOf(segments.shape), 1]);
    const last = at.attrs.numSegments - 1;
    const near = at.node(
      'Clip',
      [column, at.constant(0, [], 'int32'), at.constant(last, [], 'int32')],
      column,
    );
    const exists = reshape(at.recorder, at.node('Equal', [near, column], like(column, 'bool')), [
      extentOf(rows.shape, 0),
      ...shape.slice(1).map(() => 1),
    ]);
    const kept = at.node('Where', [exists, rows, at.constant(0, [], x.dtype)], rows);
    return lowerScatterTuples(at, splatValue(0, shape, x.dtype), near, kept, 'add');
  },
});

/** A scatter that adds where indices repeat, into zeros (tfjs's ScatterNd). */
const scatterNd = defineKernel({
  name: 'ScatterNd',
  lower(at) {
    const [indices, updates] = [at.input('indices'), at.input('updates')];
    const shape: number[] = at.attrs.shape;
    const depth = indices.shape.length > 1 ? extentOf(indices.shape, -1) : 1;
    const count = sizeOf(indices.shape) / depth;
    const rows = reshape(at.recorder, indices, [count, depth]);
    const zeros = splatValue(0, shape, updates.dtype);
    return lowerScatterTuples(
      at,
      zeros,
      rows,
      reshape(at.recorder, updates, [count, ...shape.slice(depth)]),
      'add',
    );
  },
});

export const gatherKernels: KernelDefinition[] = [gatherV2, gatherNd, oneHot, unsortedSegmentSum, scatterNd];
