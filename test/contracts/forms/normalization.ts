/** Normalization to zero mean and unit variance. An epsilon of some size keeps slopes within what differences can tell. */
import fc from 'fast-check';

import type { AttributeValue } from '../../../src/onnx/build.js';
import {
  attributes,
  axes,
  axis,
  broadcastable,
  type Draw,
  extent,
  type Forms,
  float,
  floats,
  inputs,
  shape,
} from './draw.js';

const epsilon = float(0.05, 0.5);
const several = fc.integer({ min: 2, max: 4 });

/** Under the default, two values d apart have a third derivative of 50 / d^2 of the first: differences are off by 0.01 for d = 0.06. */
function tellable(group: readonly number[]): Record<string, AttributeValue> {
  return group.reduce((a, b) => a * b, 1) > 2 ? {} : { epsilon: { float: 0.1 } };
}

const layer: Draw = () =>
  shape(1, 4, several).chain((of) =>
    axis(of.length).chain((from) =>
      fc
        .record({
          scale: broadcastable(of.slice(from)),
          shift: broadcastable(of),
          biased: fc.boolean(),
          given: attributes({ epsilon, stash_type: fc.constant(1) }),
          byDefault: fc.boolean(),
          outputs: fc.integer({ min: 1, max: 3 }),
        })
        .map(({ scale, shift, biased, given, byDefault, outputs }) => {
          const group = of.slice(from);
          return {
            // Means, an output, are compared relative to their size: these are not around zero.
            inputs: inputs(floats(of, { between: [-1, 3] }), floats(scale), biased ? floats(shift) : null),
            attributes: {
              ...(!(byDefault && group.length === 1) && { axis: from }),
              ...tellable(group),
              ...given,
            },
            outputs,
          };
        }),
    ),
  );

const instance: Draw = () =>
  fc.tuple(extent, extent, shape(1, 2, several), attributes({ epsilon })).map(([n, c, rest, given]) => ({
    inputs: [floats([n, c, ...rest]), floats([c]), floats([c])],
    attributes: { ...tellable(rest), ...given },
  }));

const group: Draw = (opset) =>
  fc
    .tuple(extent, extent, several, shape(1, 2), attributes({ epsilon }))
    .map(([n, groups, each, rest, given]) => {
      const vector = [opset < 21 ? groups : groups * each];
      return {
        inputs: [floats([n, groups * each, ...rest]), floats(vector), floats(vector)],
        attributes: { num_groups: groups, ...tellable([each, ...rest]), ...given },
      };
    });

/** Wide enough that no variance is small: there is no epsilon to speak of. */
const meanVariance: Draw = () =>
  fc.oneof(
    shape(4, 4, several).map((of) => ({ inputs: [floats(of)] })),
    shape(1, 4, several).chain((of) =>
      axes(of.length).map((over) => ({ inputs: [floats(of)], attributes: { axes: over } })),
    ),
  );

export const normalization: Forms = {
  LayerNormalization: layer,
  InstanceNormalization: instance,
  GroupNormalization: group,
  MeanVarianceNormalization: meanVariance,
};
