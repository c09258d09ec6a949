/** Hardening works: bench/harden.ts. */
import { z } from 'zod';
import { percent, rows } from '../markdown.js';
import { defineSection, type Measured } from './section.js';

const accuracySchema = z.record(
  z.string(),
  z.object({
    draws: z.int(),
    clean: z.number(),
    mean: z.number(),
    std: z.number(),
    min: z.number(),
    ci95: z.tuple([z.number(), z.number()]),
    /** Absent where the interval is still Student's, over chips alone. */
    standardError: z.number().optional(),
  }),
);
const clipSchema = z.object({ multiple: z.number(), per: z.string() });
const trainingSchema = z.object({
  minutes: z.number(),
  settings: z.object({
    epochs: z.int(),
    batchSize: z.int(),
    /** A number: of each tensor, fixed. */
    clip: z.union([z.number(), z.literal('auto'), clipSchema]),
    ramp: z.number(),
    schedule: z.object({ name: z.string(), learningRate: z.union([z.number(), z.literal('auto')]) }),
  }),
  /** Left out by runs before clip and learning rate were chosen. */
  choice: z.object({ clip: clipSchema, learningRate: z.number() }).optional(),
  /** Index into the epochs. */
  best: z.int().optional(),
});
/** Left out by runs before there were rivals. */
const rivalSchema = z.object({ accuracy: accuracySchema, equal: accuracySchema });
const schema = z.object({
  chipSeed: z.int(),
  before: accuracySchema,
  after: z.array(
    z.object({
      seed: z.int(),
      training: trainingSchema,
      accuracy: accuracySchema,
      /** At the noise of the original in absolute units. */
      equal: accuracySchema.optional(),
      clipped: rivalSchema.optional(),
      plain: rivalSchema.optional(),
    }),
  ),
});
type Content = z.infer<typeof schema>;
type Trained = Content['after'][number];

const device = 'gaussian:0.1';
const seedsAsked = 3;

/** Met if all seeds that were asked for were measured and each is good enough. */
function overSeeds(
  { after }: Content,
  value: (trained: Trained) => number | undefined,
  good: (value: number) => boolean,
  words: (value: number) => string,
): Measured {
  const values = after.map(value);
  const known = values.filter((found) => found !== undefined);
  if (known.length === 0) return { figure: 'not measured', met: undefined };
  const missing = known.length < seedsAsked ? ` (${known.length} of ${seedsAsked} seeds)` : '';
  const met = known.every(good);
  return {
    figure: `${known.map(words).join(', ')}${missing}`,
    met: met && missing !== '' ? undefined : met,
  };
}

export const harden = defineSection({
  result: 'harden',
  title: 'Hardening',
  what: 'The third-party ResNet-20 for CIFAR-10, hardened with WVAT against gaussian:0.1 in the form it came in: batch normalization unfolded, digital. Folded, the same S costs more, because channels of very different scale then share one largest weight. All models on the same chips, none of them used in training, and all 10,000 test pictures; the epoch was chosen on a seeded tenth of the training pictures.',
  command: 'npm run bench:harden -- CIFAR10_DIR',
  repeats: 'A row per training seed; the spread is over chips, which are the same in every row.',
  schema,
  asks: [
    {
      asked: `at ${device}, from about 30 % to at least 87 % (goal 90 %), mean of 50 chips`,
      answer: (content) =>
        overSeeds(
          content,
          ({ accuracy }) => accuracy[device]?.mean,
          (mean) => mean >= 0.87,
          (mean) => percent(mean),
        ),
    },
    {
      asked: 'clean accuracy at least 90.5 %',
      answer: (content) =>
        overSeeds(
          content,
          ({ accuracy }) => accuracy[device]?.clean,
          (clean) => clean >= 0.905,
          (clean) => percent(clean, 2),
        ),
    },
    {
      asked: 'at most 60 minutes on 2 cores',
      answer: (content) =>
        overSeeds(
          content,
          ({ training }) => training.minutes,
          (minutes) => minutes <= 60,
          (minutes) => `${minutes.toFixed(0)} min`,
        ),
    },
    {
      asked: `${seedsAsked} training seeds, all reported`,
      answer: ({ after }) => ({ figure: String(after.length), met: after.length >= seedsAsked }),
    },
  ],
  tables: ({ before, after, chipSeed }) => [
    `Chips of seed ${chipSeed}.`,
    after.map(({ seed, training }) => `Seed ${seed}: ${trainingText(training)}.`).join(' '),
    rows(
      ['', 'device', 'clean', 'mean', intervalHead(before), 'standard deviation', 'worst chip', 'chips'],
      [
        ...accuracyRows('original', before),
        ...after.flatMap((trained) => [
          ...rivalRows('clipped only', trained.seed, trained.clipped),
          ...rivalRows('plain + clip', trained.seed, trained.plain),
          ...rivalRows('hardened', trained.seed, trained),
        ]),
      ],
    ),
    ...(after.some(({ clipped, plain }) => !clipped || !plain) ? [unattributed] : []),
  ],
});

/** Said of results without rivals: what their gain is made of was not measured. */
const unattributed =
  'Measured before clip and learning rate were chosen on validation, with the clip fixed at 2 times the root mean square, and before the rivals "clipped only" and "plain + clip" were: what part of this gain clipping alone makes is not in this table. Clipping alone has a section of its own. The command now measures all four, each also at the noise of the original in absolute units.';

type Accuracies = z.infer<typeof accuracySchema>;
interface Judged {
  accuracy: Accuracies;
  equal?: Accuracies | undefined;
}

function rivalRows(label: string, seed: number, found: Judged | undefined) {
  if (!found) return [];
  return [
    ...accuracyRows(`${label}, seed ${seed}`, found.accuracy),
    ...(found.equal ? accuracyRows(`${label}, seed ${seed}, noise of the original`, found.equal) : []),
  ];
}

function intervalHead(measured: z.infer<typeof accuracySchema>): string {
  const known = Object.values(measured).some(({ standardError }) => standardError !== undefined);
  return known ? '95 % interval' : '95 % interval (Student, over chips)';
}

function accuracyRows(label: string, accuracy: z.infer<typeof accuracySchema>): string[][] {
  return Object.entries(accuracy).map(([level, { clean, mean, std, min, ci95, draws }]) => [
    label,
    level,
    percent(clean, 2),
    percent(mean),
    ci95.map((end) => percent(end)).join(' … '),
    percent(std),
    percent(min),
    String(draws),
  ]);
}

function trainingText({ minutes, settings, choice, best }: z.infer<typeof trainingSchema>): string {
  const { epochs, batchSize, ramp, schedule } = settings;
  const clip = choice?.clip ?? settings.clip;
  const multiple = typeof clip === 'object' ? clip.multiple : Number(clip);
  const per = typeof clip === 'object' && clip.per === 'channel' ? ' of each output channel' : '';
  return [
    `${epochs} epochs of mini-batches of ${batchSize}`,
    `${schedule.name} schedule from learning rate ${choice?.learningRate ?? schedule.learningRate}`,
    `noise rising over ${percent(ramp, 0)} of the run`,
    multiple > 0 ? `weights clipped to ${multiple} times the root mean square${per}` : 'weights not clipped',
    `epoch ${best === undefined ? epochs : best + 1} kept`,
    `${minutes.toFixed(0)} minutes`,
  ].join(', ');
}
