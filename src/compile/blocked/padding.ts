/** Zero padding of pictures. */
import type { Value } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { emitBlocked } from './layout.js';

/** @param pads top, left, bottom, right */
type Pads = readonly number[];

/** Of a blocked value, by a depthwise 1x1 convolution with weights 1, which many threads do; Pad has one. */
export function padded(recorder: Recorder, x: Value, pads: Pads): Value {
  if (pads.every((pad) => pad === 0)) return x;
  const channels = x.shape[1]!;
  return emitBlocked(
    recorder,
    'Conv',
    [x, recorder.ones([channels, 1, 1, 1])],
    { shape: paddedShape(x.shape, pads), dtype: 'float32' },
    { kernel_shape: [1, 1], strides: [1, 1], pads, dilations: [1, 1], group: channels },
  );
}

/** Of a plain value. */
export function paddedPlain(recorder: Recorder, x: Value, pads: Pads): Value {
  if (pads.every((pad) => pad === 0)) return x;
  const all = [0, 0, ...pads.slice(0, 2), 0, 0, ...pads.slice(2)];
  const out = { shape: paddedShape(x.shape, pads), dtype: x.dtype };
  return recorder.emit('Pad', [x, recorder.int64(all)], [out])[0]!;
}

function paddedShape([batch, channels, height, width]: readonly number[], pads: Pads): number[] {
  return [batch!, channels!, height! + pads[0]! + pads[2]!, width! + pads[1]! + pads[3]!];
}
