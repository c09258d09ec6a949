/** Windows in columns, and the middle of things. */
import fc from 'fast-check';
import { axes, type Draw, extent, type Forms, floats, ints, shape } from './draw.js';
import { fits, window } from './window.js';

/** Dilated blocks of images only: onnxruntime 1.30 adds those of other ranks to the wrong places. */
const col2Im: Draw = () =>
  fc
    .tuple(
      window().filter(
        (at) =>
          fits(at) &&
          !('auto_pad' in at.attributes) &&
          (at.extents.length === 2 || !('dilations' in at.attributes)),
      ),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 2 }),
    )
    .map(([{ extents, kernel, attributes, at }, batch, channels]) => {
      const rank = extents.length;
      const places = extents.map((n, i) => {
        const room = n + at.pads[i]! + at.pads[rank + i]! - at.dilations[i]! * (kernel[i]! - 1) - 1;
        return Math.floor(room / at.strides[i]!) + 1;
      });
      const product = (list: readonly number[]) => list.reduce((total, n) => total * n, 1);
      return {
        inputs: [floats([batch, channels * product(kernel), product(places)]), ints(extents), ints(kernel)],
        attributes,
      };
    });

const centerCropPad: Draw = () =>
  shape(1, 4, fc.integer({ min: 1, max: 6 })).chain((of) =>
    fc.option(axes(of.length)).chain((along) =>
      fc
        .array(extent, { minLength: (along ?? of).length, maxLength: (along ?? of).length })
        .map((wanted) => ({
          inputs: [floats(of), ints(wanted)],
          ...(along && { attributes: { axes: along } }),
        })),
    ),
  );

export const columns: Forms = { Col2Im: col2Im, CenterCropPad: centerCropPad };
