/**
 * Normalization layers. An epsilon of some size bounds the third derivative, which the differences see: a group of near
 * values would have 1 / deviation^3. The default of 1e-5 comes with groups of three and more values among 64 at most.
 */
import fc from 'fast-check';
import { attributes, axis, type Draw, type Form, type Forms, float, floats, inputs, shape } from './draw.js';

const epsilon = float(0.05, 0.5);

const batch: Draw = () =>
  fc
    .record({
      of: shape(2, 5, fc.integer({ min: 1, max: 3 })),
      given: attributes({ epsilon, momentum: float(0.5, 1) }),
    })
    .map(({ of, given }): Form => {
      const channels = [of[1]!];
      const positive = floats(channels, { between: [0.5, 2] });
      return {
        inputs: [floats(of), floats(channels), floats(channels), floats(channels), positive],
        attributes: given,
      };
    });

const size = (of: readonly number[]) => of.reduce((a, b) => a * b, 1);

const layer: Draw = () =>
  shape(1, 3)
    .chain((of) =>
      fc.record({
        of: fc.constant(of),
        at: axis(of.length),
        given: attributes({ epsilon, stash_type: fc.constant(1) }),
        explicit: fc.boolean(),
        shifted: fc.boolean(),
        // Scale and shift may broadcast to what is normalized.
        missing: fc.nat(of.length - 1),
        outputs: fc.integer({ min: 1, max: 3 }),
      }),
    )
    .map(({ of, at, given, explicit, shifted, missing, outputs }): Form => {
      const first = explicit ? at : -1;
      const group = of.slice(first);
      const needed = size(group) > 2 ? {} : { epsilon: { float: 0.1 } };
      return {
        // Mean values, an output, are compared relative to their size: none is zero.
        inputs: inputs(
          floats(of, { between: [-1, 3] }),
          floats(group.slice(missing)),
          shifted ? floats(group.slice(missing)) : null,
        ),
        attributes: { ...(explicit && { axis: at }), ...needed, ...given },
        outputs,
      };
    });

const instance: Draw = () =>
  fc
    .record({
      leading: shape(2, 2, fc.integer({ min: 1, max: 2 })),
      extents: shape(1, 3, fc.integer({ min: 1, max: 3 })),
      given: attributes({ epsilon }),
    })
    .map(({ leading, extents, given }) => {
      const channels = [leading[1]!];
      const needed = size(extents) > 2 ? {} : { epsilon: { float: 0.1 } };
      return {
        inputs: [floats([...leading, ...extents]), floats(channels), floats(channels)],
        attributes: { ...needed, ...given },
      };
    });

export const normalization: Forms = {
  BatchNormalization: batch,
  LayerNormalization: layer,
  InstanceNormalization: instance,
};
