/** What clipping alone does to a figure under noise: bench/clipping.ts. */
import { z } from 'zod';
import { percent, rows } from '../markdown.js';
import { defineSection } from './section.js';

const run = z.object({
  device: z.string(),
  clean: z.number(),
  mean: z.number(),
  std: z.number(),
  min: z.number(),
});
const schema = z.object({
  rows: z.array(
    z.object({
      model: z.string(),
      data: z.string(),
      multiple: z.number(),
      examples: z.int(),
      draws: z.int(),
      original: z.array(run),
      clipped: z.array(run),
      equal: z.array(run),
      measured: z.object({ date: z.string(), commit: z.string(), cpu: z.string().optional() }),
    }),
  ),
});
type Run = z.infer<typeof run>;

export const clipping = defineSection({
  result: 'clipping',
  title: 'Clipping alone',
  what: 'Weights limited once to a multiple of the root mean square of their tensor, without data and without training, at noise relative to the largest weight of each tensor, and at the deviations that the original meets, in absolute units.',
  command: 'npm run bench:clipping -- MODEL DATA_SPEC MEAN STD',
  repeats: 'Mean ± standard deviation over chips of one seed, the same for all columns.',
  schema,
  asks: [],
  tables: (content) => [
    rows(
      [
        'model',
        'examples, chips',
        'device',
        'original',
        'clipped only',
        'clipped only, noise of the original',
      ],
      content.rows.flatMap(({ model, examples, draws, original, clipped, equal, multiple }) => [
        [
          `${model}, clip ${multiple} RMS`,
          `${examples}, ${draws}`,
          'none',
          percent(original[0]!.clean),
          percent(clipped[0]!.clean),
          '',
        ],
        ...original.map(({ device }, level) => [
          '',
          '',
          device,
          ...[original, clipped, equal].map((runs) => spreadOf(runs[level]!)),
        ]),
      ]),
    ),
  ],
});

function spreadOf({ mean, std }: Run): string {
  return `${percent(mean)} ± ${(100 * std).toFixed(1)}`;
}
