/** Every operator keeps the same promises: onnxruntime's values, true gradients, and the same of both when compiled. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import { newestImported } from '../../src/import/opsets.js';
import type { Operator } from '../../src/network/operator.js';
import { operators } from '../../src/network/operators.js';
import { examplesOf } from './example.js';
import { oneNode } from './oneNode.js';
import { expectSameCompiled, expectTrueGradients, expectValues, reference } from './promises.js';

beforeAll(() => tf.setBackend('cpu'));

describe.each(operators.filter((operator) => examplesOf(operator).length > 0))(
  '$type',
  (operator: Operator) => {
    const cases = examplesOf(operator).map((example) => ({ example, name: JSON.stringify(example) }));

    // What onnxruntime does not run yet has its values compared elsewhere (test/network/stateful.test.ts).
    const runs = operator.since[0]! <= newestImported;
    it.runIf(runs).each(cases)('gives the values of onnxruntime: $name', async ({ example }) => {
      const node = oneNode(operator, example);
      expectValues(node, await reference(node));
    });

    it.each(cases)('is the same compiled: $name', ({ example }) =>
      expectSameCompiled(oneNode(operator, example), operator.gradient !== 'no'),
    );

    it.runIf(operator.gradient === 'yes').each(cases)(
      'has the gradient of its values: $name',
      ({ example }) => expectTrueGradients(oneNode(operator, example)),
    );
  },
);
