/** Pooling in the blocked layout, and the gradient of an average over windows that tile the input. */
import type { AttributeValue } from '../../onnx/build.js';
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { PoolAttributes } from '../kernels/pool.js';
import type { Recorder } from '../recorder.js';
import { blockedForm, canBlock, emitBlocked, fromBlocks, toBlocks } from './layout.js';

export function blockedPool(
  recorder: Recorder,
  opType: string,
  x: Value,
  out: ValueSpec,
  attributes: Readonly<Record<string, AttributeValue>>,
): Value | undefined {
  const input = blockedForm(recorder, x);
  if (!input || attributes.dilations !== undefined || attributes.ceil_mode !== 0) return undefined;
  return fromBlocks(recorder, emitBlocked(recorder, opType, [input], out, { ...attributes }));
}

/** Every element of dy, divided by the size of the window, is repeated over its window. */
export function blockedAverageGradient(
  recorder: Recorder,
  block: number,
  dy: Value,
  out: ValueSpec,
  { kernel, strides, pads, dilations }: PoolAttributes,
): Value | undefined {
  const tiles =
    kernel.every((extent, i) => extent === strides[i] && dy.shape[2 + i]! * extent === out.shape[2 + i]) &&
    pads.every((pad) => pad === 0) &&
    dilations.every((dilation) => dilation === 1);
  if (!tiles || kernel.length !== 2 || !canBlock(dy, block)) return undefined;
  const input = toBlocks(recorder, dy);
  const share = recorder.emit('Mul', [input, recorder.scalar(1 / sizeOf(kernel))], [input])[0]!;
  const repeated = emitBlocked(recorder, 'Upsample', [share], out, {
    scales: [1, 1, ...kernel],
    mode: 'nearest',
  });
  return fromBlocks(recorder, repeated);
}
