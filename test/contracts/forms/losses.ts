/** Losses in the file: targets, weights of classes, and an index that is ignored, whether it is a class or not. */
import fc from 'fast-check';

import type { AttributeValue } from '../../../src/onnx/build.js';
import { type Draw, type Forms, floats, inputs, shape } from './draw.js';

function loss(outputs: number): Draw {
  return () =>
    fc
      .record({
        classes: fc.integer({ min: 3, max: 5 }),
        batch: fc.integer({ min: 2, max: 4 }),
        rest: shape(0, 3, fc.integer({ min: 1, max: 3 })),
        weighted: fc.boolean(),
        reduction: fc.constantFrom('none', 'sum', 'mean', undefined),
        ignored: fc.constantFrom(undefined, -1, 0, 255),
        outputs: fc.integer({ min: 1, max: outputs }),
        random: fc.infiniteStream(fc.nat(4)),
      })
      .map(({ classes, batch, rest, weighted, reduction, ignored, outputs: count, random }) => {
        const size = rest.reduce((product, n) => product * n, batch);
        const targets = Array.from({ length: size }, () => random.next().value! % classes);
        // Two classes count: a mean of nothing is no number, and that of one class does not depend on its weight.
        const chosen = targets.map((target, i) =>
          i < 2 ? i + 1 : i % 3 === 2 && ignored !== undefined ? ignored : target,
        );
        const attributes: Record<string, AttributeValue> = {
          ...(reduction !== undefined && { reduction }),
          ...(ignored !== undefined && { ignore_index: ignored }),
        };
        return {
          inputs: inputs(
            floats([batch, classes, ...rest]),
            { ints: chosen, shape: [batch, ...rest] },
            weighted ? floats([classes], { between: [0.5, 2] }) : null,
          ),
          attributes,
          outputs: count,
        };
      });
}

export const losses: Forms = { NegativeLogLikelihoodLoss: loss(1), SoftmaxCrossEntropyLoss: loss(2) };
