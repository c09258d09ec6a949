/** Normalization to zero mean and unit variance. */
import fc from 'fast-check';
import {
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

/** Two near values have a deviation near zero, and slopes that differences cannot tell. */
const sized = fc.record({ epsilon: float(0.05, 0.5) });
const several = fc.integer({ min: 2, max: 4 });

const layer: Draw = () =>
  shape(1, 4, several).chain((of) =>
    axis(of.length).chain((from) =>
      fc
        .record({
          scale: broadcastable(of.slice(from < 0 ? from + of.length : from)),
          shift: broadcastable(of),
          biased: fc.boolean(),
          given: sized,
          outputs: fc.integer({ min: 1, max: 3 }),
        })
        .map(({ scale, shift, biased, given, outputs }) => ({
          // Mean values, an output, are compared relative to their size: none is zero.
          inputs: inputs(floats(of, { between: [-1, 3] }), floats(scale), biased ? floats(shift) : null),
          attributes: { axis: from, ...given },
          outputs,
        })),
    ),
  );

const instance: Draw = () =>
  fc.tuple(extent, extent, shape(1, 2, several), sized).map(([n, c, rest, given]) => ({
    inputs: [floats([n, c, ...rest]), floats([c]), floats([c])],
    attributes: given,
  }));

const group: Draw = (opset) =>
  fc.tuple(extent, extent, several, shape(1, 2), sized).map(([n, groups, each, rest, given]) => {
    const vector = [opset < 21 ? groups : groups * each];
    return {
      inputs: [floats([n, groups * each, ...rest]), floats(vector), floats(vector)],
      attributes: { num_groups: groups, ...given },
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
