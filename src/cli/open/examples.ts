/** Opens the examples a command works on, as its options say. */
import type { Dataset, Split } from '../../data/dataset.js';
import { openDataset } from '../../data/open.js';
import type { Undivided } from '../../data/reader.js';
import type { dataOptions } from '../options/data.js';
import type { OptionValues } from '../parse/option.js';

export type DataValues = Omit<OptionValues<typeof dataOptions>, 'test-fraction'> & {
  'test-fraction'?: number | undefined;
};

export interface ExampleRequest {
  limit?: number | undefined;
  /** One example as the model wants it, and how many values it puts out, as far as its file says. */
  shape?: readonly (number | undefined)[] | undefined;
  outputs?: number | undefined;
  undivided?: Undivided | undefined;
}

/** A split written in the spec wins over `split`. */
export function openExamples(
  values: DataValues,
  split: Split,
  request: ExampleRequest = {},
): Promise<Dataset> {
  return openDataset(values.data, {
    split,
    ...request,
    labels: values.labels,
    testFraction: values['test-fraction'],
    splitSeed: values['split-seed'],
  });
}
