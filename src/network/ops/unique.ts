/**
 * Operators that list what is in a tensor (ONNX: NonZero, Unique). How much that is decides about shapes, so the tensor must
 * be known.
 */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { int } from '../attributes.js';
import { axisOf } from '../axes.js';
import { checkList } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** Elements that are compared with one another; shape arithmetic has a few. */
const mostCompared = 2 ** 18;

/** Y[:, k] = the place of the k-th element that is not 0, in order: [rank, as many as there are]. */
export const NonZero = defineOperator({
  type: 'NonZero',
  since: [9, 13],
  inputs: ['X'],
  structural: ['X'],
  elementTypes: () => [DataType.INT64],
  evaluate({ X }) {
    checkList(X.size);
    const places = Array.from(X.dataSync()).flatMap((value, i) => (value !== 0 ? [i] : []));
    const strides = X.shape.map((_, axis) => tf.util.sizeFromShape(X.shape.slice(axis + 1)));
    const coordinates = X.shape.flatMap((extent, axis) =>
      places.map((place) => Math.floor(place / strides[axis]!) % extent),
    );
    return tf.tensor2d(coordinates, [X.rank, places.length], 'int32');
  },
  gradient: 'no',
});

/**
 * Y = the different elements, or different slices along an axis, so that X[i] = Y[inverse_indices[i]]; where each is first,
 * which one each place holds, and how many.
 */
export const Unique = defineOperator({
  type: 'Unique',
  since: [11],
  inputs: ['X'],
  structural: ['X'],
  attributes: { axis: int(), sorted: int(1, { only: [0, 1] }) },
  outputs: 4,
  elementTypes: (of) => [of('X'), DataType.INT64, DataType.INT64, DataType.INT64],
  evaluate({ X }, attributes) {
    if (X.size > mostCompared)
      throw new UnsupportedForm(`${X.size} elements`, `understood: up to ${mostCompared}`);
    const whole = attributes.axis === undefined ? X.reshape([X.size]) : X;
    const axis = axisOf(attributes.axis ?? 0, whole.rank);
    const slices = slicesAlong(whole, axis);
    const { first, inverse, counts } = distinct(slices, attributes.sorted !== 0);
    const extents = whole.shape.map((extent, i) => (i === axis ? first.length : extent));
    const empty = tf.util.sizeFromShape(extents) === 0;
    const Y = empty
      ? tf.zeros(extents, X.dtype as 'float32')
      : tf.gather(whole, tf.tensor1d(first, 'int32'), axis);
    return [Y, ...[first, inverse, counts].map((list) => tf.tensor1d(list, 'int32'))];
  },
  gradient: 'no',
});

/** The elements of each slice. */
function slicesAlong(x: tf.Tensor, axis: number): number[][] {
  const values = x.dataSync();
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
  const extent = x.shape[axis]!;
  const slices = Array.from({ length: extent }, (): number[] => []);
  values.forEach((value, i) => {
    slices[Math.floor(i / inner) % extent]!.push(value);
  });
  return slices;
}

/** For each different slice, in ascending order or in that of their first places, where that is and how many there are. */
function distinct(slices: readonly number[][], sorted: boolean) {
  const members = new Map<string, number[]>();
  slices.forEach((slice, i) => {
    // 0 and -0 are equal, and so have one text.
    const key = slice.join();
    const group = members.get(key);
    if (group) group.push(i);
    else members.set(key, [i]);
  });
  const groups = [...members.values()];
  if (sorted) groups.sort(([a], [b]) => compare(slices[a!]!, slices[b!]!));
  const inverse = new Array<number>(slices.length);
  groups.forEach((group, number) => {
    for (const i of group) inverse[i] = number;
  });
  return { first: groups.map(([i]) => i!), inverse, counts: groups.map((group) => group.length) };
}

/** Element by element; the first difference decides. */
function compare(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, k) => value !== b[k]);
  return i < 0 ? 0 : a[i]! - b[i]!;
}
