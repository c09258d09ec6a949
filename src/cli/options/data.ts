/** Which examples, and how they are scaled. */
import { scalingNames } from '../../data/scalings.js';
import { parseDataSpec } from '../../data/spec.js';
import { choice, numbers, real, text, whole } from '../parse/option.js';

const fraction = 'share kept for testing, where the data come without a test set';

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
  mean: numbers(
    'mean of each channel on the 0..1 scale, as the model was trained with; left out, what the file states, else 0',
    { insteadOf: ['scaling'] },
  ),
  std: numbers('standard deviation of each channel on the 0..1 scale; left out, as for --mean, else 1', {
    insteadOf: ['scaling'],
  }),
  scaling: choice(
    'the same by name; asis: as the data are read; left out, the usual ones are tried on 256 examples, and a much better one is proposed',
    ['stated', ...scalingNames],
    { insteadOf: ['mean', 'std'] },
  ),
  labels: choice(
    'what y of an npz file holds: classes, or values that the outputs are to meet; left out, whole numbers and one-hot rows are classes',
    ['classes', 'values'],
    {},
  ),
  'test-fraction': real(fraction, { maximum: 1, default: 0.2 }),
  'split-seed': whole('seed of that share, and of the sample of a limit', {
    maximum: Number.MAX_SAFE_INTEGER,
    default: 0,
  }),
};

/** For commands that only judge: data without parts are judged whole. */
export const judgedDataOptions = {
  ...dataOptions,
  'test-fraction': real(
    `${fraction}; left out, npz files and folders without one are judged whole, unless the model was trained on a share of them`,
    { maximum: 1 },
  ),
};

/** For commands that only look at test examples. */
export const limitOptions = {
  limit: whole('only N examples, a sample in which every class keeps its share', { minimum: 1 }),
};
