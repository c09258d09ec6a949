/** Zero padding of pictures. */
import type { Value } from '../kernel.js';
import { type WindowAttributes, windowAxes } from '../kernels/windows.js';
import type { Recorder } from '../recorder.js';
import { extentOf, shape4 } from '../shapes.js';
import { emitBlocked } from './layout.js';

export interface Pads {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export const noPads: Pads = { top: 0, left: 0, bottom: 0, right: 0 };

/** The pads of a window over pictures. */
export function padsOf(window: WindowAttributes): Pads {
  const [vertical, horizontal] = windowAxes(window);
  if (!vertical || !horizontal) throw new Error(`a window of ${window.kernel.length} axes over pictures`);
  return { top: vertical.begin, left: horizontal.begin, bottom: vertical.end, right: horizontal.end };
}

/** Of a blocked value, by a depthwise 1x1 convolution with weights 1, which many threads do; Pad has one. */
export function padded(recorder: Recorder, x: Value, pads: Pads): Value {
  const { top, left, bottom, right } = pads;
  if (isNone(pads)) return x;
  const channels = extentOf(x.shape, 1);
  return emitBlocked(
    recorder,
    'Conv',
    [x, recorder.ones([channels, 1, 1, 1])],
    { shape: paddedPicture(x.shape, pads), dtype: 'float32' },
    {
      kernel_shape: [1, 1],
      strides: [1, 1],
      pads: [top, left, bottom, right],
      dilations: [1, 1],
      group: channels,
    },
  );
}

/** Of a plain value. */
export function paddedPlain(recorder: Recorder, x: Value, pads: Pads): Value {
  const { top, left, bottom, right } = pads;
  if (isNone(pads)) return x;
  const all = [0, 0, top, left, 0, 0, bottom, right];
  const out = { shape: paddedPicture(x.shape, pads), dtype: x.dtype };
  return recorder.node('Pad', [x, recorder.int64(all)], out);
}

function isNone(pads: Pads): boolean {
  return Object.values(pads).every((pad) => pad === 0);
}

function paddedPicture(shape: readonly number[], { top, left, bottom, right }: Pads): number[] {
  const [batch, channels, height, width] = shape4(shape);
  return [batch, channels, top + height + bottom, left + width + right];
}
