/** Pooling in the blocked layout, and the gradient of an average over windows that tile the input. */
import { zip } from '../../lists/zip.js';
import type { AttributeValue } from '../../onnx/build.js';
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { WindowAttributes } from '../kernels/windows.js';
import { windowAxes } from '../kernels/windows.js';
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
  window: WindowAttributes,
): Value | undefined {
  const tiles = zip(dy.shape.slice(2), out.shape.slice(2), windowAxes(window)).every(
    ([outputs, inputs, { kernel, stride, begin, end, dilation }]) =>
      kernel === stride && outputs * kernel === inputs && begin === 0 && end === 0 && dilation === 1,
  );
  const { kernel } = window;
  if (!tiles || kernel.length !== 2 || !canBlock(dy, block)) return undefined;
  const input = toBlocks(recorder, dy);
  const share = recorder.node('Mul', [input, recorder.scalar(1 / sizeOf(kernel))], input);
  const repeated = emitBlocked(recorder, 'Upsample', [share], out, {
    scales: [1, 1, ...kernel],
    mode: 'nearest',
  });
  return fromBlocks(recorder, repeated);
}
