/** Where the output channels of crossbar weights lie, told by the layers that read them. */
import { crossbarTensors } from '../../mapping/crossbar.js';
import type { Model } from '../../onnx/model.js';
import type { ChannelAxes } from './clips.js';

/** By parameter; those without a single axis are left out. */
export function channelAxes(model: Model): ChannelAxes {
  const axes = crossbarTensors(model).map(
    ({ name, stored = name, outputAxis }) => [stored, outputAxis] as const,
  );
  return new Map(axes.filter(([, axis]) => axis >= 0));
}
