/**
 * report.json, schema 1: what was measured on which chips, with everything needed to measure it again. Accuracies are
 * fractions of 1. `temper verify` writes one model, perhaps `against` another; `temper harden` the original and the
 * hardened one. Fields this page does not know are kept and not shown.
 */
import { z } from 'zod';
import { TemperError } from '../errors.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in lower-case hex');

const interval = z
  .tuple([z.number(), z.number()])
  .describe('95 % confidence interval of the mean over all chips and all examples; absent for a single chip');

const tolerance = z
  .looseObject({
    share: z.number(),
    confidence: z.number(),
    value: z.number(),
    rank: z.int().describe('which of the sampled chips, counted from the worst, has this value'),
  })
  .describe('with this confidence, at least this share of all chips are no worse than the value');

const statistics = z.looseObject({
  clean: z.number().describe('the unperturbed model'),
  mean: z.number().describe('over the sampled chips, as min, max and quantiles'),
  std: z.number().describe('over chips, n - 1'),
  min: z.number(),
  max: z.number(),
  standardError: z.number().optional().describe('of the mean, over chips and examples'),
  ci95: interval.optional(),
  tolerance: tolerance.optional(),
  p05: z.number().optional().describe('quantile of the sampled chips; no promise about others'),
  p50: z.number().optional(),
  p95: z.number().optional(),
});

const difference = z
  .looseObject({ mean: z.number(), standardError: z.number().optional(), ci95: interval.optional() })
  .describe('in `against`: value of the model minus value of the other, on the same chips and examples');

const draw = z.looseObject({
  chip: z.int(),
  accuracy: z.number().optional(),
  mse: z.number().optional().describe('absent if it is no finite number'),
  notNumbers: z.int().optional().describe('examples with outputs that are no numbers'),
});

const layer = z.looseObject({
  tensor: z.string(),
  opType: z.string(),
  dims: z.array(z.int()),
  absoluteMaximum: z.number(),
  std: z
    .number()
    .describe('declared standard deviation of a programmed weight, root mean square over the tensor'),
  effectiveSigma: z.number().describe('std / absoluteMaximum'),
  sampledStd: z.number().optional().describe('as drawn on the first chip'),
});

const run = z
  .looseObject({
    model: z
      .string()
      .optional()
      .describe('which model: a key of `models`, `before` or `after` (the default)'),
    device: z.string().describe('canonical device spec'),
    noiseOn: z.string().optional().describe('what the noise is on, and relative to'),
    noise: z
      .number()
      .optional()
      .describe('position on the noise axis; default: the first number of the spec'),
    time: z.number().nullish().describe('seconds since programming'),
    noiseFrom: z
      .string()
      .optional()
      .describe(
        'the model whose weights the deviations were drawn on (a key of `models`, or a file), where they are equal in absolute units; absent: its own',
      ),
    accuracy: statistics.optional(),
    top5: statistics.optional(),
    mse: statistics.optional().describe('mean squared error, for data with targets'),
    draws: z.array(draw),
    difference: difference.optional(),
    layers: z.array(layer).optional(),
    landmarks: z
      .array(z.looseObject({ level: z.number(), what: z.string() }))
      .optional()
      .describe('noise that was measured on hardware, on the axis of this device'),
    formula: z.string().optional(),
    summary: z.string().optional(),
    citation: z.string().optional(),
    notModelled: z.array(z.string()).optional(),
  })
  .refine(
    ({ accuracy, mse, draws }) => accuracy ?? mse ?? (draws.length > 0 && draws.every(isSilent)),
    'neither accuracy nor mse',
  );

/** A chip of which nothing but NaN came. */
function isSilent({ accuracy, mse, notNumbers }: z.infer<typeof draw>): boolean {
  return accuracy === undefined && mse === undefined && (notNumbers ?? 0) > 0;
}

const gain = z.looseObject({
  from: z.string().describe('a key of `models`'),
  to: z.string(),
  device: z.string(),
  noiseFrom: z.string().optional().describe('as of the runs of `to`'),
  measure: z.string(),
  mean: z.number().describe('over chips, of `to` minus `from` on the same chip'),
  ci95: z.tuple([z.number(), z.number()]).optional(),
});

const file = z.looseObject({ path: z.string(), sha256, bytes: z.int().optional() });

const digitalLayer = z.looseObject({
  tensors: z.array(z.string()),
  nodes: z.array(z.string()),
  opType: z.string(),
  weights: z.int(),
});

const model = z.looseObject({
  path: z.string().optional(),
  sha256: sha256.optional(),
  bytes: z.int().optional(),
  label: z.string().optional().describe('how tables and curves call it'),
  weights: z
    .looseObject({
      crossbar: z.int().describe('weights that chips perturb'),
      digital: z.int().describe('weights that stay digital, free of noise'),
      layers: z.array(digitalLayer).describe('which these are'),
      chosenBy: z.enum(['option', 'file']).optional().describe('whether an option or the file says so'),
    })
    .optional(),
});

const setting = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.union([z.string(), z.number()])),
]);

const verdict = z.looseObject({
  requirement: z.string(),
  device: z.string(),
  value: z.number().optional().describe('what was compared; absent if it is no number'),
  met: z.boolean(),
  statistic: z.string().optional(),
  measure: z.string().optional(),
  comparison: z.string().optional(),
  confidence: z.number().optional().describe('with which `value` bounds the figure of all chips'),
  sampled: z.number().optional().describe('the figure of the sampled chips'),
  rank: z.int().optional(),
  passed: z.int().optional(),
  draws: z.int().optional(),
  notNumbers: z.array(z.int()).optional().describe('chips with outputs that are no numbers: failed'),
});

export const reportSchema = z
  .looseObject({
    schema: z.literal(1),
    title: z.string().optional(),
    model: z.union([z.string(), model]).describe('the model the report is about'),
    models: z.record(z.string(), model).optional().describe('all models, by the name that `runs` use'),
    data: z.looseObject({
      spec: z.string(),
      split: z.string().optional(),
      count: z.int().describe('examples judged'),
      sampled: z
        .looseObject({ of: z.int(), seed: z.int() })
        .optional()
        .describe('how many examples there were, and the seed of the class-balanced sample of them'),
      mean: z.array(z.number()).optional(),
      std: z.array(z.number()).optional(),
      files: z.array(file).optional(),
    }),
    seed: z.number().optional(),
    chips: z.int().optional(),
    numerics: z.string().optional(),
    trainedFor: z.string().optional().describe('device spec the model was hardened for'),
    runs: z.array(run).min(1),
    harmless: z
      .array(z.looseObject({ name: z.string(), reason: z.string() }))
      .optional()
      .describe('stored values that no chip disturbs, and why they need no noise'),
    noiseFrom: model.optional().describe('the model whose weights all deviations were drawn on'),
    gains: z.array(gain).optional().describe('differences between two models, chip by chip'),
    against: z
      .looseObject({
        model: z.union([z.string(), model]),
        runs: z.array(run),
      })
      .optional(),
    verdicts: z.array(verdict).optional(),
    command: z.string().optional().describe('the command line that repeats it'),
    settings: z.record(z.string(), setting.optional()).optional().describe('options, defaults included'),
    versions: z.record(z.string(), z.string()).optional(),
    files: z.array(file).optional().describe('what the run wrote'),
    notes: z.array(z.string()).optional(),
  })
  .meta({ title: 'Report of temper verify and temper harden' });

export type Report = z.infer<typeof reportSchema>;
export type ReportRun = z.infer<typeof run>;
export type ReportLayer = z.infer<typeof layer>;
export type ReportGain = z.infer<typeof gain>;
export type ReportStatistics = z.infer<typeof statistics>;
export type ReportTolerance = z.infer<typeof tolerance>;
export type ReportVerdict = z.infer<typeof verdict>;
export type ReportModel = z.infer<typeof model>;

/** Reads a report's text; throws TemperError 'model' with everything that is wrong in it. `where` names its file. */
export function parseReport(text: string, where: string): Report {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new TemperError('model', { what: 'not a report: the file is no JSON', where }, { cause });
  }
  return checkReport(content, where);
}

/** A value made in this process, such as what `verify` gives back, as a report. Throws as `parseReport` does. */
export function checkReport(content: unknown, where: string): Report {
  const result = reportSchema.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => ({
    what: `report: ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`,
    where,
  }));
  throw new TemperError('model', problems);
}
