/** Opens the examples a command works on, as its options say. */
import type { Dataset, Split } from '../data/dataset.js';
import type { Normalization } from '../data/normalize.js';
import { openDataset } from '../data/open.js';
import type { OptionValues } from './option.js';
import type { dataOptions } from './options/data.js';

export type DataValues = OptionValues<typeof dataOptions>;

export function normalizationOf({ mean, std }: DataValues): Normalization {
  return { mean, std };
}

/** `shape` is one example as the model wants it. A split written in the spec wins over `split`. */
export function openExamples(
  values: DataValues,
  split: Split,
  { limit, shape }: { limit?: number | undefined; shape?: readonly (number | undefined)[] | undefined } = {},
): Promise<Dataset> {
  return openDataset(values.data, {
    split,
    limit,
    shape,
    testFraction: values['test-fraction'],
    splitSeed: values['split-seed'],
  });
}
