/** Batch normalization by stored statistics and by those of the batch, which a file asks for in different ways. */
import fc from 'fast-check';
import { attributes, type Draw, extent, type Forms, float, floats, shape } from './draw.js';

const batchNormalization: Draw = (opset) =>
  fc
    .record({
      // More than one element each: the statistics of one are no function of it.
      of: fc
        .tuple(fc.integer({ min: 2, max: 4 }), extent, shape(0, 2))
        .map(([n, c, rest]) => [n, c, ...rest]),
      given: attributes({ epsilon: float(0.05, 0.5), momentum: float(0.5, 1) }),
      training: fc.boolean(),
      spatial: fc.boolean(),
    })
    .map(({ of, given, training, spatial }) => {
      const single = opset < 9 && !spatial && !training;
      // Stored statistics are vectors (src/network/statistics.ts); inputs may have the shape of an example.
      const channels = single ? of.slice(1) : [of[1]!];
      return {
        inputs: [
          floats(of),
          floats(channels),
          floats(channels),
          floats(channels),
          floats(channels, { between: [0.5, 2] }),
        ],
        attributes: {
          ...given,
          ...(single && { spatial: 0 }),
          ...(training && opset >= 14 && { training_mode: 1 }),
        },
        outputs: training ? 3 : 1,
      };
    })
    // Before opset 14 onnxruntime asks for all five outputs, of which two are not computed.
    .filter(({ outputs }) => opset >= 14 || outputs === 1);

export const batchNormalizations: Forms = { BatchNormalization: batchNormalization };
