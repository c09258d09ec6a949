/** Whether the defaults harm any net at hand: bench/defaults.ts. */
import { z } from 'zod';
import { percent, rows } from '../markdown.js';
import { defineSection } from './section.js';

const accuracy = z.object({ clean: z.number(), mean: z.number(), std: z.number(), min: z.number() });
const clip = z.object({ multiple: z.number(), per: z.enum(['tensor', 'channel']) });
const trained = z.object({
  seed: z.int(),
  origin: z.enum(['epoch', 'interpolated', 'clipped', 'source']),
  share: z.number().optional(),
  clip,
  learningRate: z.number(),
  minutes: z.number(),
  clipped: accuracy,
  hardened: accuracy,
});
const row = z.object({ model: z.string(), device: z.string(), original: accuracy, seeds: z.array(trained) });
const schema = z.object({
  limits: z.record(z.string(), z.object({ train: z.int(), test: z.int() })),
  draws: z.int(),
  chipSeed: z.int(),
  rows: z.array(row),
});
type Content = z.infer<typeof schema>;
type Trained = z.infer<typeof trained> & { model: string; original: z.infer<typeof accuracy> };

const modelsAsked = 14;
const seedsAsked = 3;

const each = ({ rows }: Content): Trained[] =>
  rows.flatMap(({ model, original, seeds }) => seeds.map((seed) => ({ ...seed, model, original })));

/** Met if every run that was asked for was measured and holds. */
function overRuns(content: Content, holds: (run: Trained) => boolean) {
  const runs = each(content);
  const failing = runs.filter((run) => !holds(run)).map(({ model, seed }) => `${model} (seed ${seed})`);
  const complete = content.rows.length >= modelsAsked && runs.length >= modelsAsked * seedsAsked;
  const figure = `${runs.length - failing.length} of ${runs.length} runs${failing.length > 0 ? `; not ${failing.join(', ')}` : ''}`;
  return { figure, met: failing.length > 0 ? false : complete ? true : undefined };
}

export const defaults = defineSection({
  result: 'defaults',
  title: 'Whether the defaults harm a net',
  what: 'Every classifier at hand with data (../shared/models, made by others, and models/), each at the first noise where it loses at least 35 points, fine-tuned with all defaults on a class-balanced part of its training data, and judged with the original and with clipping alone (the best of thirteen clips by validation, untrained) on the same 20 chips and the same test pictures; without noise on all 10,000. Which part of a gain is clipping is in the table.',
  command: 'npm run bench:defaults -- DATA',
  repeats:
    'Three training seeds; the chips are the same in every row. Noise is relative to the largest weight of each stored tensor, batch normalization as the file has it.',
  schema,
  asks: [
    {
      asked: `every one of ${modelsAsked} nets ends at or above max(original, clipped only) under noise, on ${seedsAsked} seeds`,
      answer: (content) =>
        overRuns(
          content,
          ({ hardened, clipped, original }) => hardened.mean >= Math.max(clipped.mean, original.mean),
        ),
    },
    {
      asked: 'and loses at most 1 point without noise',
      answer: (content) =>
        overRuns(content, ({ hardened, original }) => original.clean - hardened.clean <= 0.01),
    },
  ],
  tables: (content) => [
    `${Object.entries(content.limits)
      .map(([data, { train, test }]) => `${data}: ${train} training and ${test} test pictures`)
      .join('; ')}. ${content.draws} chips of seed ${content.chipSeed}.`,
    rows(
      [
        'model',
        'device',
        'seed',
        'original: clean, noisy',
        'clipped only',
        'hardened',
        'worst chip: original, hardened',
        'chosen',
        'min',
      ],
      content.rows.flatMap(({ model, device, original, seeds }) =>
        seeds.map((run) => [
          model,
          device,
          String(run.seed),
          pair(original),
          pair(run.clipped),
          pair(run.hardened),
          `${percent(original.min)}, ${percent(run.hardened.min)}`,
          chosen(run),
          run.minutes.toFixed(1),
        ]),
      ),
    ),
  ],
});

function pair({ clean, mean }: z.infer<typeof accuracy>): string {
  return `${percent(clean)}, ${percent(mean)}`;
}

function chosen({ origin, share, clip: { multiple, per }, learningRate }: z.infer<typeof trained>): string {
  const words = multiple === 0 ? 'no clip' : `clip ${multiple} per ${per}`;
  return `${words}, rate ${learningRate}${origin === 'epoch' ? '' : `; result: ${share === undefined ? origin : `${Math.round(100 * share)} % of the way`}`}`;
}
