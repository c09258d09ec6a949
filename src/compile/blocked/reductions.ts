/** Sums and means over the positions of a blocked value, and of the product of two: one pass, nothing stored. */
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { reshape } from '../rewrite.js';
import { sameShape, shape2, shape4 } from '../shapes.js';
import { blockedForm, emitBlocked } from './layout.js';
import { packedForm } from './matrices.js';

/** ReduceSum or ReduceMean of [B, C, H, W] over H and W, with or without B. */
export function blockedReduction(
  recorder: Recorder,
  opType: 'ReduceSum' | 'ReduceMean',
  x: Value,
  axes: readonly number[],
  out: ValueSpec,
): Value | undefined {
  const input = blockedForm(recorder, x);
  const wanted = [...axes].sort().join();
  if (!input || (wanted !== '2,3' && wanted !== '0,2,3')) return undefined;
  const [batch, , height, width] = shape4(x.shape);
  const product = productSums(recorder, input);
  const positions = height * width;
  const partial = product ?? positionMeans(recorder, input);
  const rows = wanted === '2,3' ? partial : overBatch(recorder, partial);
  const count = wanted === '2,3' ? positions : positions * batch;
  // What `rows` must be multiplied by: a product was summed, anything else averaged over positions.
  const factor = (product ? 1 : positions) / (opType === 'ReduceMean' ? count : 1);
  const scaled = factor === 1 ? rows : recorder.node('Mul', [rows, recorder.scalar(factor)], rows);
  return reshape(recorder, scaled, out.shape);
}

/** A reduction over everything does not mind the order of the elements. */
export function wholeReduction(
  recorder: Recorder,
  opType: string,
  x: Value,
  axes: readonly number[],
  out: ValueSpec,
): Value | undefined {
  const input = blockedForm(recorder, x) ?? packedForm(recorder, x);
  if (!input || new Set(axes).size !== x.shape.length) return undefined;
  const every = recorder.int64([0, 1, 2, 3]);
  const one = { shape: [], dtype: x.dtype };
  const reduced = (name: string, of: Value) => recorder.node(name, [of, every], one, { keepdims: 0 });
  const signed = opType === 'ReduceMax' ? recorder.operandOf(input, 'Abs') : undefined;
  // max |x| = max(max x, -min x): two passes that read, instead of one that writes |x| and one that reads it.
  const number = signed
    ? largest(recorder, reduced('ReduceMax', signed), reduced('ReduceMin', signed))
    : reduced(opType, input);
  return reshape(recorder, number, out.shape);
}

function largest(recorder: Recorder, maximum: Value, minimum: Value): Value {
  const opposite = recorder.node('Neg', [minimum], minimum);
  return recorder.node('Max', [maximum, opposite], maximum);
}

/** [B, C]: the mean over positions. */
function positionMeans(recorder: Recorder, x: Value): Value {
  const [batch, channels] = shape4(x.shape);
  const pooled = emitBlocked(recorder, 'GlobalAveragePool', [x], {
    shape: [batch, channels, 1, 1],
    dtype: 'float32',
  });
  return reshape(recorder, pooled, [batch, channels]);
}

/**
 * [B, C]: the sum over positions of a * b, if x is such a product: a depthwise convolution of a with image-sized filters b.
 * Depthwise filters are stored as pictures are, so that both are used as they lie.
 */
function productSums(recorder: Recorder, x: Value): Value | undefined {
  const definition = recorder.definition(x);
  if (definition?.opType !== 'Mul') return undefined;
  const [a, b] = definition.inputs as [Value, Value];
  if (!sameShape(a.shape, b.shape)) return undefined;
  const [batch, channels, height, width] = shape4(x.shape);
  const planes = batch * channels;
  const sums = emitBlocked(
    recorder,
    'Conv',
    [reshape(recorder, a, [1, planes, height, width]), reshape(recorder, b, [planes, 1, height, width])],
    { shape: [1, planes, 1, 1], dtype: 'float32' },
    {
      kernel_shape: [height, width],
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      group: planes,
    },
  );
  return reshape(recorder, sums, [batch, channels]);
}

function overBatch(recorder: Recorder, rows: Value): Value {
  const [, channels] = shape2(rows.shape);
  const shape = [channels];
  if (sizeOf(rows.shape) === channels) return reshape(recorder, rows, shape);
  return recorder.node(
    'ReduceSum',
    [rows, recorder.int64([0])],
    { shape, dtype: 'float32' },
    { keepdims: 0 },
  );
}
