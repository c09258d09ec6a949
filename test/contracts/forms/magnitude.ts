/** Normalization by magnitude. Left out: LRN of even size or of other than four axes, which onnxruntime 1.30 refuses. */
import fc from 'fast-check';
import { attributes, axis, broadcastable, type Draw, type Forms, float, floats, shape } from './draw.js';

const rms: Draw = () =>
  shape(1, 4).chain((of) =>
    axis(of.length).chain((from) =>
      fc
        .tuple(
          broadcastable(of.slice(from < 0 ? from + of.length : from)),
          fc.record({ epsilon: float(0.05, 0.5) }),
        )
        .map(([scale, given]) => ({
          inputs: [floats(of), floats(scale)],
          attributes: { axis: from, ...given },
        })),
    ),
  );

/** Off zero, where the magnitude has its kink. */
const lp: Draw = () =>
  shape(1, 4).chain((of) =>
    fc.record({
      inputs: fc.constant([floats(of, { between: [-2, 2], clearOf: [-0.2, -0.1, 0, 0.1, 0.2] })]),
      attributes: attributes({ axis: axis(of.length), p: fc.constantFrom(1, 2) }),
    }),
  );

const lrn: Draw = () =>
  fc.record({
    inputs: shape(4).map((of) => [floats(of)]),
    attributes: fc
      .tuple(
        fc.constantFrom(1, 3, 5, 7),
        attributes({ alpha: float(0.1, 1), beta: float(0.3, 1.2), bias: float(0.5, 2) }),
      )
      .map(([size, rest]) => ({ size, ...rest })),
  });

export const magnitude: Forms = { RMSNormalization: rms, LpNormalization: lp, LRN: lrn };
