/** Import and export lose nothing: bench/nothingLost.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  tolerance: z.number(),
  rows: z.array(
    z.object({
      model: z.string(),
      passed: z.boolean(),
      inputs: z.string().optional(),
      outputs: z.object({ error: z.number(), rightOf100: z.int().optional() }).optional(),
      file: z.object({ steps: z.int(), initializers: z.int(), differences: z.array(z.unknown()) }).optional(),
      refused: z.array(z.string()).optional(),
    }),
  ),
});
type Row = z.infer<typeof schema>['rows'][number];

const covered = (list: Row[]) => list.filter(({ refused }) => !refused);
const refusals = (list: Row[], rightly: boolean) =>
  list
    .filter(({ refused, passed }) => refused && passed === rightly)
    .map(({ model }) => model)
    .join(', ') || 'none';
const small = (value: number) => (value === 0 ? '0' : value.toExponential(1));

export const nothingLost = defineSection({
  result: 'nothing-lost',
  title: 'Nothing is lost',
  what: 'For every model that others made: outputs of the imported, compiled network against those of the file, and the file after ten training steps at learning rate 0.',
  command: 'npm run bench:nothing-lost -- CIFAR10_DIR',
  repeats: 'One run each; nothing is drawn but the random examples, whose seeds are the names of the models.',
  schema,
  asks: [
    {
      asked: "the source's outputs within 1e-4 of the largest output, on 100 inputs",
      answer({ rows: list, tolerance }) {
        const errors = covered(list).map(({ outputs }) => outputs?.error ?? Number.POSITIVE_INFINITY);
        const worst = Math.max(...errors);
        return {
          figure: `at most ${small(worst)} (${errors.length} models)`,
          met: errors.length > 0 && worst < tolerance,
        };
      },
    },
    {
      asked: 'after ten steps and export: every initializer byte-equal, same names, opset, metadata',
      answer({ rows: list }) {
        const models = covered(list);
        const same = models.filter(({ file }) => file?.differences.length === 0);
        return {
          figure: `the same file for ${same.length} of ${models.length} models`,
          met: models.length > 0 && same.length === models.length,
        };
      },
    },
  ],
  tables: ({ rows: list }) => [
    rows(
      ['model', 'inputs', 'largest error', 'initializers', 'differences'],
      covered(list).map(({ model, inputs, outputs, file }) => [
        model,
        inputs ?? '',
        outputs ? small(outputs.error) : 'failed',
        String(file?.initializers ?? 'failed'),
        String(file?.differences.length ?? 'failed'),
      ]),
    ),
    `Refused, and not run by onnxruntime either: ${refusals(list, true)}. Refused although onnxruntime runs them: ${refusals(list, false)}.`,
  ],
});
