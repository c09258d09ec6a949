/** MNIST: 60,000 + 10,000 handwritten digits, 28 x 28 grey. LeCun, Cortes and Burges 1998. */
import { readIdxSplit } from '../idx.js';
import { defineReader } from '../reader.js';

export const mnist = defineReader({
  name: 'mnist',
  summary: 'MNIST: folder with the four IDX files, gzipped or not',
  location: 'directory',
  split: 'published',
  read: ({ location, split }) =>
    readIdxSplit(
      location,
      split,
      ['MNIST/raw', 'raw'],
      Array.from({ length: 10 }, (_, digit) => String(digit)),
    ),
});
