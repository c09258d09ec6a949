/** Extents behind windows that move over the places of a picture: convolutions, pools; examples and channels come first. */
import { intAttribute, intsAttribute, stringAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import type { Shape } from './shapes.js';

/** Of each axis of places, if it is known. */
export function windowExtents(node: Node, shape: Shape, kernel: Shape): (number | undefined)[] {
  const places = shape?.slice(2) ?? [];
  const window = intsAttribute(node, 'kernel_shape') ?? kernel?.slice(2);
  const of = (name: string, axis: number, rest: number) => intsAttribute(node, name)?.[axis] ?? rest;
  const auto = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  return places.map((extent, axis) => {
    const size = window?.[axis];
    if (extent === undefined || size === undefined) return undefined;
    const stride = of('strides', axis, 1);
    const reach = of('dilations', axis, 1) * (size - 1) + 1;
    const pads = auto === 'VALID' ? 0 : of('pads', axis, 0) + of('pads', axis + places.length, 0);
    if (node.opType === 'ConvTranspose') {
      const asked = intsAttribute(node, 'output_shape');
      if (asked) return asked.at(axis - places.length);
      if (auto.startsWith('SAME')) return undefined; // where the stride exceeds the kernel, runtimes disagree
      return stride * (extent - 1) + of('output_padding', axis, 0) + reach - pads;
    }
    if (auto.startsWith('SAME')) return Math.ceil(extent / stride);
    const steps = (extent + pads - reach) / stride;
    return (intAttribute(node, 'ceil_mode') ? Math.ceil(steps) : Math.floor(steps)) + 1;
  });
}
