/** A data spec into a data set in memory. */
import { TemperError } from '../errors.js';
import { type Dataset, exampleSize, type Split, sliceDataset } from './dataset.js';
import { formatDataSpec, parseDataSpec } from './spec.js';

export interface OpenOptions {
  /** Used when the spec itself does not end in `:train` or `:test`; default `test`. A spec's own split always holds. */
  split?: Split | undefined;
  /** Only the first `limit` examples of the split. */
  limit?: number | undefined;
  /** Share that is `test` where the data come without a published split; 0 = all is `train`, 1 = all is `test`. Default 0.2. */
  testFraction?: number | undefined;
  /** Seed of that split; default 0. Not the seed of training: another split would test on what was trained on. */
  splitSeed?: number | undefined;
  /** Shape of one example the model wants, without the batch; `folder:` scales its pictures to it. */
  shape?: readonly (number | undefined)[] | undefined;
}

/** Throws TemperError 'usage' (spec, options), 'io' (files that cannot be read) or 'model' (files that are not what they should be). */
export async function openDataset(spec: string, options: OpenOptions = {}): Promise<Dataset> {
  const parsed = parseDataSpec(spec);
  const { limit, testFraction = 0.2, splitSeed = 0, shape } = options;
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
  const spelled = formatDataSpec(parsed, split);
  const whole: Dataset = { ...contents, spec: spelled, split, count: available };
  return limit === undefined ? whole : sliceDataset(whole, 0, limit);
}
