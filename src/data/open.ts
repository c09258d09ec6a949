/** A data spec into a data set in memory. */
import { TemperError } from '../errors.js';
import { type Dataset, exampleSize, type Split } from './dataset.js';
import type { Undivided } from './reader.js';
import { sampleDataset, sampleNotes } from './sample.js';
import { formatDataSpec, parseDataSpec } from './spec.js';
import type { Labels } from './targets.js';

export interface OpenOptions {
  /** Used when the spec itself does not end in `:train` or `:test`; default `test`. A spec's own split always holds. */
  split?: Split | undefined;
  /** Only so many examples of the split: a sample in which every class keeps its share (sample.ts), drawn with `splitSeed`. */
  limit?: number | undefined;
  /** Share that is `test` where the data come without a published split; 0 = all is `train`, 1 = all is `test`. Default 0.2. */
  testFraction?: number | undefined;
  /** Seed of that split; default 0. Not the seed of training: another split would test on what was trained on. */
  splitSeed?: number | undefined;
  /**
   * Of somebody's own data without train and test parts: `draw` (default) the test share; or take the `whole` as the split that
   * is asked for. A spec that names its split is always drawn.
   */
  undivided?: Undivided | undefined;
  /** Values the model puts out for an example: whole numbers as floats are classes if there are several. */
  outputs?: number | undefined;
  /** What labels of npz files are; default: as they look. */
  labels?: Labels | undefined;
  /** Shape of one example the model wants, without the batch; `folder:` scales its pictures to it. */
  shape?: readonly (number | undefined)[] | undefined;
}

/** Throws TemperError 'usage' (spec, options), 'io' (files that cannot be read) or 'model' (files that are not what they should be). */
export async function openDataset(spec: string, options: OpenOptions = {}): Promise<Dataset> {
  const parsed = parseDataSpec(spec);
  const { limit, testFraction = 0.2, splitSeed = 0, shape, outputs, labels } = options;
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
    throw new TemperError('usage', { what: `--limit ${limit} is not a whole number above 0` });
  if (!(testFraction >= 0 && testFraction <= 1))
    throw new TemperError('usage', { what: `test share ${testFraction} is not between 0 and 1` });
  const split = parsed.split ?? options.split ?? 'test';
  const contents = await parsed.reader.read({
    location: parsed.location,
    split,
    testFraction,
    splitSeed,
    undivided: parsed.split === undefined ? (options.undivided ?? 'draw') : 'draw',
    outputs,
    labels,
    limit,
    shape,
  });
  const size = exampleSize(contents.shape);
  const available = size === 0 ? 0 : contents.examples.length / size;
  if (available === 0)
    throw new TemperError('model', {
      what: `data spec "${spec}" has no ${split} examples`,
      hint:
        parsed.reader.split === 'drawn'
          ? `the share of test examples is ${testFraction}`
          : 'the files are empty',
    });
  // With its split, the spec of undivided data would mean the share that is drawn for it.
  const spelled = formatDataSpec(parsed, contents.undivided ? undefined : split);
  const whole: Dataset = { ...contents, spec: spelled, split, count: available };
  const opened = limit === undefined ? whole : sampleDataset(whole, limit, splitSeed);
  return { ...opened, notes: [...(opened.notes ?? []), ...sampleNotes(opened)] };
}
