/** Softmax and LogSoftmax: before opset 13 all axes from `axis` on are one. */
import fc from 'fast-check';
import { attributes, axis, type Draw, type Forms, shape, wide } from './draw.js';

const anyAxis: Draw = (opset) =>
  // The default axis of the older form is 1, which needs a second axis.
  shape(opset < 13 ? 2 : 1, 4).chain((of) =>
    fc.record({
      inputs: fc.tuple(wide(of)),
      attributes: attributes({ axis: opset < 11 ? fc.nat(of.length - 1) : axis(of.length) }),
    }),
  );

export const softmax: Forms = { Softmax: anyAxis, LogSoftmax: anyAxis };
