/**
 * Gathers and scatters that find their places by a tensor of indices, as ONNX defines them: element by element along an axis
 * (GatherElements, ScatterElements), or by tuples that lead into the first axes (GatherND, ScatterND). Negative indices count
 * from the end. Where a scatter's indices repeat, the reduction tells what becomes of the updates; without one, ONNX leaves open
 * which of them stays. The gradient of a maximum or minimum is shared by all that attain it.
 */
import * as tf from '@tensorflow/tfjs';
import { zip } from '../../lists/zip.js';
import { defineKernel, type KernelDefinition, type Lowering, like, sizeOf, type Value } from '../kernel.js';
import { extentOf } from '../shapes.js';
import { isZero, otherFactors, withoutZeros } from './product.js';
import { run } from './run.js';
import { lowerScatterTuples } from './scatterTuples.js';

export const scatterReductions = ['none', 'add', 'mul', 'max', 'min'] as const;
export type ScatterReduction = (typeof scatterReductions)[number];

/** x's elements at the indices along the axis; elsewhere at the place of the index. The shape is that of the indices. */
export function gatherElements(x: tf.Tensor, indices: tf.Tensor, axis: number): tf.Tensor {
  return run('GatherElements', { x, indices }, { axis });
}

/** x with the updates, which are shaped as the indices, at the places that `gatherElements` would read. */
export function scatterElements(
  x: tf.Tensor,
  indices: tf.Tensor,
  updates: tf.Tensor,
  axis: number,
  reduction: ScatterReduction = 'none',
): tf.Tensor {
  return run('ScatterElements', { x, indices, updates }, { axis, reduction });
}

/** The parts of x to which the tuples along the last axis of the indices lead: [...tuples, ...the axes beyond them]. */
export function gatherTuples(x: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  return run('GatherTuples', { x, indices }, {});
}

/** x with the updates at the places that `gatherTuples` would read. */
export function scatterTuples(
  x: tf.Tensor,
  indices: tf.Tensor,
  updates: tf.Tensor,
  reduction: ScatterReduction = 'none',
): tf.Tensor {
  return run('ScatterTuples', { x, indices, updates }, { reduction });
}

/** Where the i-th index, or tuple, leads: to `length` elements in a row from starts[i] on. */
interface ScatterPlaces {
  readonly starts: Int32Array;
  readonly length: number;
}

/** A way to address: its operators in ONNX, and what they do. */
interface Addressing {
  readonly suffix: 'Elements' | 'Tuples';
  readonly onnx: 'GatherElements' | 'GatherND';
  gatheredShape(shape: readonly number[], indices: readonly number[]): number[];
  places(shape: readonly number[], indices: tf.Tensor, axis: number): ScatterPlaces;
  /** The indices in a type that ONNX's gather takes. */
  indices(at: Lowering): Value;
  scatter(at: Lowering, reduction: string): Value;
}

const elements: Addressing = {
  suffix: 'Elements',
  onnx: 'GatherElements',
  gatheredShape: (_, indices) => [...indices],
  places(shape, indices, axis) {
    const axes = zip(shape, indices.shape, stridesOf(shape)).map(([extent, indexed, stride], d) => ({
      extent,
      indexed,
      stride,
      isAxis: d === axis,
    }));
    axes.reverse();
    const starts = Int32Array.from(indices.dataSync(), (index, i) => {
      let [start, rest] = [0, i];
      for (const { extent, indexed, stride, isAxis } of axes) {
        const here = rest % indexed;
        rest = (rest - here) / indexed;
        start += stride * (isAxis ? fromEnd(index, extent) : here);
      }
      return start;
    });
    return { starts, length: 1 };
  },
  indices: (at) => at.input('indices'),
  scatter(at, reduction) {
    const [x, updates] = [at.input('x'), at.input('updates')];
    if (sizeOf(updates.shape) === 0) return x;
    const operands = [x, at.input('indices'), updates];
    return at.node('ScatterElements', operands, like(x), { axis: at.attrs.axis, reduction });
  },
};

const tuples: Addressing = {
  suffix: 'Tuples',
  onnx: 'GatherND',
  gatheredShape: (shape, indices) => [...indices.slice(0, -1), ...shape.slice(indices.at(-1))],
  places(shape, indices) {
    const depth = extentOf(indices.shape, -1);
    const axes = zip(shape, stridesOf(shape)).slice(0, depth);
    const values = indices.dataSync();
    const starts = Int32Array.from({ length: sizeOf(indices.shape.slice(0, -1)) }, (_, i) =>
      axes.reduce(
        (start, [extent, stride], d) => start + stride * fromEnd(values[i * depth + d]!, extent),
        0,
      ),
    );
    return { starts, length: sizeOf(shape.slice(depth)) };
  },
  indices: (at) => at.node('Cast', [at.input('indices')], like(at.input('indices')), { to: 7 }),
  scatter: (at, reduction) =>
    lowerScatterTuples(at, at.input('x'), at.input('indices'), at.input('updates'), reduction),
};

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function fromEnd(index: number, extent: number): number {
  if (index < -extent || index >= extent) throw new Error(`index ${index} of ${extent} elements`);
  return index < 0 ? index + extent : index;
}

const combine: Record<ScatterReduction, (old: number, update: number) => number> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

function gatherKernel({ suffix, onnx, gatheredShape, places, indices: indicesOf }: Addressing) {
  return defineKernel({
    name: `Gather${suffix}`,
    lower(at) {
      const [x, indices] = [at.input('x'), at.input('indices')];
      const out = { shape: gatheredShape(x.shape, indices.shape), dtype: x.dtype };
      const { axis } = at.attrs;
      return at.node(onnx, [x, indicesOf(at)], out, axis === undefined ? {} : { axis });
    },
    inputs: ['x', 'indices'],
    eager({ x, indices }, { axis }) {
      const { starts, length } = places(x.shape, indices, axis);
      const shape = gatheredShape(x.shape, indices.shape);
      const from = x.dataSync();
      const out = new (from.constructor as Float32ArrayConstructor)(sizeOf(shape));
      starts.forEach((start, i) => {
        for (let k = 0; k < length; k++) out[i * length + k] = from[start + k]!;
      });
      return tf.tensor(out, shape, x.dtype);
    },
    gradient: {
      needs: ['x', 'indices'],
      of: (dy, { x, indices }, attributes) => ({
        x: () =>
          run(
            `Scatter${suffix}`,
            { x: tf.zeros(x.shape), indices, updates: dy },
            { ...attributes, reduction: 'add' },
          ),
        indices: () => tf.zeros(indices.shape),
      }),
    },
  });
}

function scatterKernel({ suffix, places, scatter }: Addressing) {
  return defineKernel({
    name: `Scatter${suffix}`,
    lower: (at) => scatter(at, at.attrs.reduction),
    inputs: ['x', 'indices', 'updates'],
    eager({ x, indices, updates }, { axis, reduction }) {
      const { starts, length } = places(x.shape, indices, axis);
      const [out, from] = [x.dataSync().slice(), updates.dataSync()];
      const combined = combine[reduction as ScatterReduction];
      starts.forEach((start, i) => {
        for (let k = 0; k < length; k++) out[start + k] = combined(out[start + k]!, from[i * length + k]!);
      });
      return tf.tensor(out, x.shape, x.dtype);
    },
    gradient: {
      needs: ['x', 'indices', 'updates', 'y'],
      outputs: ['y'],
      of(dy, { x, indices, updates, y }, { reduction, ...place }) {
        return {
          ...scatterGradients[reduction as ScatterReduction]({
            dy,
            x,
            updates,
            y,
            pick: (from) => run(`Gather${suffix}`, { x: from, indices }, place),
            put: (into, values, how) =>
              run(`Scatter${suffix}`, { x: into, indices, updates: values }, { ...place, reduction: how }),
          }),
          indices: () => tf.zeros(indices.shape),
        };
      },
    },
  });
}

/** What the gradient of a scatter is made of: the slopes dy at its result y, and the same places read and written again. */
interface Scattered {
  readonly dy: tf.Tensor;
  readonly x: tf.Tensor;
  readonly updates: tf.Tensor;
  readonly y: tf.Tensor;
  pick(from: tf.Tensor): tf.Tensor;
  put(into: tf.Tensor, values: tf.Tensor, how: ScatterReduction): tf.Tensor;
}
type ScatterGradient = (scattered: Scattered) => { x: () => tf.Tensor; updates: () => tf.Tensor };

const attained: ScatterGradient = ({ dy, x, updates, y, pick, put }) => {
  const [kept, taken] = [x.equal(y).cast('float32'), updates.equal(pick(y)).cast('float32')];
  const share = dy.div(put(kept, taken, 'add'));
  return { x: () => share.mul(kept), updates: () => pick(share).mul(taken) };
};

const scatterGradients: Record<ScatterReduction, ScatterGradient> = {
  none: ({ dy, updates, pick, put }) => ({
    x: () => put(dy, tf.zeros(updates.shape), 'none'),
    updates: () => pick(dy),
  }),
  add: ({ dy, pick }) => ({ x: () => dy.clone(), updates: () => pick(dy) }),
  mul({ dy, x, updates, pick, put }) {
    const zeros = put(isZero(x), isZero(updates), 'add');
    const product = put(withoutZeros(x), withoutZeros(updates), 'mul');
    return {
      x: () => dy.mul(otherFactors(x, product, zeros)),
      updates: () => pick(dy).mul(otherFactors(updates, pick(product), pick(zeros))),
    };
  },
  max: attained,
  min: attained,
};

export const addressedKernels: KernelDefinition[] = [elements, tuples].flatMap((addressing) => [
  gatherKernel(addressing),
  scatterKernel(addressing),
]);
