/** Which examples, and how they are scaled. */
import { parseDataSpec } from '../../data/spec.js';
import { numbers, real, text, whole } from '../option.js';

export const dataOptions = {
  data: text(
    'the examples: mnist:DIR, fashion-mnist:DIR, cifar10:DIR, cifar100:DIR, npz:FILE, folder:DIR or digits; with :train or :test behind it, that split',
    {
      value: 'SPEC',
      alias: 'd',
      required: true,
      check: (spec) => void parseDataSpec(spec),
    },
  ),
  mean: numbers('mean of each channel on the 0..1 scale', { default: [0] }),
  std: numbers('standard deviation of each channel on the 0..1 scale', { default: [1] }),
  'test-fraction': real('share kept for testing, where the data come without a test set', {
    maximum: 1,
    default: 0.2,
  }),
  'split-seed': whole('seed of that share', { default: 0 }),
};

/** For commands that only look at test examples. */
export const limitOptions = {
  limit: whole('only the first N examples', { minimum: 1 }),
};
