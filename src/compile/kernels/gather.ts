/** Kernels that pick elements by index, and those that add into them. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelDefinition, like, sizeOf } from '../kernel.js';
import { splatValue } from '../recorder.js';
import { reshape } from '../rewrite.js';
import { scatterTuples } from './addressed.js';
import { lowerScatterTuples } from './scatterTuples.js';

const gradientOfTfjs = tf.getGradient('GatherV2');

const gatherV2 = defineKernel({
  name: 'GatherV2',
  lower(at) {
    const [x, indices] = [at.input('x'), at.input('indices')];
    const axis = at.attrs.axis < 0 ? x.shape.length + at.attrs.axis : at.attrs.axis;
    if (at.attrs.batchDims) throw new Error('GatherV2 with batch dimensions cannot be recorded');
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return at.node('Gather', [x, indices], { shape, dtype: x.dtype }, { axis });
  },
  // tfjs's own breaks where the indices depend on what is derived by, if only through a conversion to integers.
  gradient: {
    inputsToSave: ['x', 'indices'],
    gradFunc(dy, saved, attributes) {
      const [x, indices] = saved as [tf.Tensor, tf.Tensor];
      const { axis, batchDims } = attributes as unknown as tf.GatherV2Attrs;
      if (batchDims) return gradientOfTfjs.gradFunc(dy, saved, attributes);
      return {
        x: () => gatherGradient(dy as tf.Tensor, x.shape, indices, tf.util.parseAxisParam(axis, x.shape)[0]!),
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
  const into = tf.zeros([shape[axis]!, ...before, ...after]);
  const sums = scatterTuples(into, indices.reshape([indices.size, 1]), rows, 'add');
  const back = front(shape.length);
  return sums.transpose(back.map((_, i) => back.indexOf(i)));
}

const gatherNd = defineKernel({
  name: 'GatherNd',
  lower(at) {
    const [params, indices] = [at.input('params'), at.input('indices')];
    const depth = indices.shape[indices.shape.length - 1]!;
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

/** out[s] = sum of the rows of x whose segment is s: the gradient of a gather. */
const unsortedSegmentSum = defineKernel({
  name: 'UnsortedSegmentSum',
  lower(at) {
    const [x, segments] = [at.input('x'), at.input('segmentIds')];
    const shape = [at.attrs.numSegments, ...x.shape.slice(segments.shape.length)];
    const rows = reshape(at.recorder, x, [sizeOf(segments.shape), ...shape.slice(1)]);
    const column = reshape(at.recorder, segments, [sizeOf(segments.shape), 1]);
    return lowerScatterTuples(at, splatValue(0, shape, x.dtype), column, rows, 'add');
  },
});

/** A scatter that adds where indices repeat, into zeros (tfjs's ScatterNd). */
const scatterNd = defineKernel({
  name: 'ScatterNd',
  lower(at) {
    const updates = at.input('updates');
    const zeros = splatValue(0, at.attrs.shape, updates.dtype);
    return lowerScatterTuples(at, zeros, at.input('indices'), updates, 'add');
  },
});

export const gatherKernels: KernelDefinition[] = [gatherV2, gatherNd, oneHot, unsortedSegmentSum, scatterNd];
