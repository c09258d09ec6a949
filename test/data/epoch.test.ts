import { expect, it } from 'vitest';
import { augmentationWords, epochOrder, validationSplit } from '../../src/data/epoch.js';

it('orders every epoch anew, by seed alone', () => {
  const order = epochOrder(1000, 1, 3);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(epochOrder(1000, 1, 3)).toEqual(order);
  expect(epochOrder(1000, 1, 4)).not.toEqual(order);
  expect(epochOrder(1000, 2, 3)).not.toEqual(order);
});

it('gives the same augmentation words wherever an epoch is resumed', () => {
  const words = augmentationWords(1, 0, 0, 100);
  expect(augmentationWords(1, 0, 37, 10)).toEqual(words.slice(37, 47));
  expect(augmentationWords(1, 1, 0, 100)).not.toEqual(words);
});

it('sets a validation share aside', () => {
  const { train, validation } = validationSplit({ count: 1000 }, 0.1, 7);
  expect([train.length, validation.length]).toEqual([900, 100]);
  expect([...train, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect([...validation]).toEqual([...validation].sort((a, b) => a - b));
  expect(validationSplit({ count: 1000 }, 0.1, 8).validation).not.toEqual(validation);
  expect(validationSplit({ count: 3 }, 0.01).validation).toHaveLength(1);
  expect(validationSplit({ count: 3 }, 0).validation).toHaveLength(0);
  expect(() => validationSplit({ count: 3 }, 1)).toThrow(/not in \[0, 1\)/);
});
