/**
 * The promises of operators.test.ts over random forms: shapes, attributes, opsets, optional inputs (see forms/index.ts).
 *
 * TEMPER_PROPERTY_RUNS  forms drawn for an operator (default 12); every attribute and optional input adds half as many
 * TEMPER_PROPERTY_SEED  another seed (default 1): the same seed draws the same forms
 *
 * A false alarm would be a kink within the step of the differences, or rounding beyond the bounds in promises.ts; forms
 * keep their values clear of the first, and small tensors of the second. Both depend on the drawn form alone, so a run that
 * passes with its seed passes always.
 */
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TemperError } from '../../src/errors.js';
import { newestImported, oldestImported } from '../../src/import/opsets.js';
import type { Operator } from '../../src/network/operator.js';
import { operators } from '../../src/network/operators.js';
import type { Example } from './example.js';
import { forms, newestRun } from './forms/index.js';
import { oneNode } from './oneNode.js';
import { expectSameCompiled, expectTrueGradients, expectValues, reference } from './promises.js';
import { withoutRounding } from './withoutRounding.js';

const runs = Number(process.env.TEMPER_PROPERTY_RUNS ?? 12);
const seed = Number(process.env.TEMPER_PROPERTY_SEED ?? 1);

/** More forms take more time. */
const timeout = 60_000 * Math.max(1, runs / 12);

const differentiable = operators.filter(({ gradient }) => gradient !== 'no');

beforeAll(() => tf.setBackend('cpu'));

it('draws forms of every differentiable operator, and of no other', () => {
  const wanted = differentiable.map(({ type }) => type);
  const missing = wanted.filter((type) => !Object.hasOwn(forms, type));
  const orphaned = Object.keys(forms).filter((type) => !wanted.includes(type));
  const hint = 'test/contracts/forms/index.ts says how to add an operator';
  expect(missing, `operators whose forms nobody draws; ${hint}`).toEqual([]);
  expect(orphaned, 'forms of operators that do not exist or have no gradient; remove or rename them').toEqual(
    [],
  );
});

const drawn = differentiable.filter(({ type }) => Object.hasOwn(forms, type));

describe.each(drawn.map((operator) => [operator.type, operator] as const))('%s:', (_, operator) => {
  it(
    'has the values of onnxruntime and their gradients',
    async () => {
      const refusals: string[] = [];
      await checkForms(operator, formsOf(operator), async (example) => {
        const node = oneNode(operator, example);
        // What onnxruntime does not run yet has its values compared elsewhere.
        if (operator.since[0]! <= newestImported) {
          const expected = await reference(node).catch((cause: unknown) => {
            if (!(cause instanceof TemperError)) throw cause;
            refusals.push(`${JSON.stringify(example)}: ${cause.message}`);
          });
          if (!expected) return;
          expectValues(node, expected);
        }
        if (operator.gradient === 'yes') expectTrueGradients(node);
        else expectTrueGradients(node, withoutRounding);
      });
      const most = Math.max(1, Math.floor(formsOf(operator) / 3));
      const hint = 'draw fewer of the forms that onnxruntime refuses';
      expect(refusals.length, `${hint}:\n${refusals.join('\n')}`).toBeLessThanOrEqual(most);
    },
    timeout,
  );

  it(
    'is the same compiled',
    async () => {
      await checkForms(operator, formsOf(operator) / 4, (example) =>
        expectSameCompiled(oneNode(operator, example), true),
      );
    },
    timeout,
  );
});

function formsOf({ attributes, inputs }: Operator): number {
  const choices = Object.keys(attributes).length + inputs.filter((name) => /[?*]$/.test(name)).length;
  return Math.ceil(runs * (1 + choices / 2));
}

/** Runs the check on drawn forms. A failure shows the smallest form that fails, as it would stand in `examples`. */
async function checkForms(
  operator: Operator,
  numRuns: number,
  check: (example: Example) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(example(operator), check);
  const result = await fc.check(property, { seed, numRuns: Math.ceil(numRuns) });
  if (!result.failed) return;
  const [smallest] = result.counterexample!;
  throw new Error(
    [
      `${operator.type} breaks its promise on ${JSON.stringify(smallest)}`,
      `(form ${result.numRuns} of seed ${seed}, smaller after ${result.numShrinks} steps; path ${result.counterexamplePath})`,
      'To see it alone, add it to the examples of the operator, whose contract then fails too.',
    ].join('\n'),
    { cause: result.errorInstance },
  );
}

/** Forms in every operator set at which the definition changed, and in the newest, as far as onnxruntime runs them. */
function example({ type, since }: Operator): fc.Arbitrary<Example> {
  const newest = newestRun[type] ?? Math.max(newestImported, since[0]!);
  const opsets = new Set([...since.map((opset) => Math.max(opset, oldestImported)), newest]);
  const run = [...opsets].filter((opset) => opset <= newest);
  return fc.constantFrom(...run).chain((opset) => forms[type]!(opset).map((form) => ({ ...form, opset })));
}
