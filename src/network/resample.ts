/**
 * Linear maps along one axis of a tensor, in which every output is a weighted sum of a few inputs: what interpolation is.
 * Small ones are recorded as a product with a matrix, large ones as a gather for each term of the sum; so are their
 * adjoints, which are maps of the same kind.
 */

import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../compile/kernel.js';
import { elementOf } from '../lists/elementOf.js';

interface Tap {
  readonly position: number;
  readonly weight: number;
}

/** Output o is the sum of weight * input[position] over outputs[o]. */
export interface AxisMap {
  readonly inputs: number;
  readonly outputs: readonly (readonly Tap[])[];
}

/** Up to this many entries onnxruntime's product with a dense matrix outruns the gathers. */
const matrixLimit = 2 ** 17;

/** The map of positions alone: every output is a copy of one input. */
export function pickMap(inputs: number, positions: readonly number[]): AxisMap {
  return { inputs, outputs: positions.map((position) => [{ position, weight: 1 }]) };
}

function isIdentityMap({ inputs, outputs }: AxisMap): boolean {
  return inputs === outputs.length && outputs.every((taps, o) => pickOf(taps) === o);
}

export function isPickMap({ outputs }: AxisMap): boolean {
  return outputs.every((taps) => pickOf(taps) !== undefined);
}

/** The position of the input that an output copies, if it does. */
function pickOf([tap, ...others]: readonly Tap[]): number | undefined {
  return tap?.weight === 1 && others.length === 0 ? tap.position : undefined;
}

/** The factor by which the map repeats every input in place; undefined if it does something else. */
export function repeatFactor(map: AxisMap): number | undefined {
  const factor = map.outputs.length / map.inputs;
  const repeats = map.outputs.every((taps, o) => pickOf(taps) === Math.floor(o / factor));
  return Number.isInteger(factor) && repeats ? factor : undefined;
}

/** The map applied along an axis of x, whose extent is the number of inputs. Differentiable; its gradient is the adjoint map's value. */
export function resampleAxis(x: tf.Tensor, axis: number, map: AxisMap): tf.Tensor {
  if (isIdentityMap(map)) return x;
  if (x.dtype !== 'float32') return copiesAlong(x, axis, map);
  return tf.customGrad((input: tf.Tensor | tf.GradSaveFunc) => ({
    value: mapped(input as tf.Tensor, axis, map),
    gradFunc: (dy: tf.Tensor) => resampleAxis(dy, axis, adjoint(map)),
  }))(x);
}

function adjoint({ inputs, outputs }: AxisMap): AxisMap {
  const reached: Tap[][] = Array.from({ length: inputs }, () => []);
  outputs.forEach((taps, o) => {
    for (const { position, weight } of taps)
      elementOf(reached, position, 'input').push({ position: o, weight });
  });
  return { inputs: outputs.length, outputs: reached };
}

function mapped(x: tf.Tensor, axis: number, map: AxisMap): tf.Tensor {
  // Copies stay exact, infinities too.
  if (isPickMap(map)) return copiesAlong(x, axis, map);
  return map.inputs * map.outputs.length <= matrixLimit ? product(x, axis, map) : sumOfGathers(x, axis, map);
}

function copiesAlong(x: tf.Tensor, axis: number, { outputs }: AxisMap): tf.Tensor {
  const positions = outputs.map((taps) => elementOf(taps, 0, 'tap').position);
  return tf.gather(x, tf.tensor1d(positions, 'int32'), axis);
}

/** x seen as [outer, inputs, inner]: M x for M [outputs, inputs], or x M' if the axis is the last. */
function product(x: tf.Tensor, axis: number, { inputs, outputs }: AxisMap): tf.Tensor {
  const matrix = new Float32Array(outputs.length * inputs);
  outputs.forEach((taps, o) => {
    for (const { position, weight } of taps) matrix[o * inputs + position]! += weight;
  });
  const m = tf.tensor2d(matrix, [outputs.length, inputs]);
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const y =
    inner === 1
      ? tf.matMul(x.reshape([outer, inputs]), m, false, true)
      : tf.matMul(m.expandDims(0), x.reshape([outer, inputs, inner]));
  return y.reshape([...x.shape.slice(0, axis), outputs.length, ...x.shape.slice(axis + 1)]);
}

function sumOfGathers(x: tf.Tensor, axis: number, { outputs }: AxisMap): tf.Tensor {
  const terms = outputs.reduce((most, taps) => Math.max(most, taps.length), 0);
  const broadcast = [outputs.length, ...x.shape.slice(axis + 1).map(() => 1)];
  const parts = [...Array(terms).keys()].map((k) => {
    const positions = outputs.map((taps) => taps[k]?.position ?? 0);
    const weights = outputs.map((taps) => taps[k]?.weight ?? 0);
    return tf.gather(x, tf.tensor1d(positions, 'int32'), axis).mul(tf.tensor(weights, broadcast));
  });
  return parts.reduce((sum, part) => sum.add(part));
}
