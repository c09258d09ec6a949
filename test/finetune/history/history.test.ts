import { expect, it } from 'vitest';
import {
  type EpochRecord,
  emptyHistory,
  isBetter,
  originOf,
  type Validation,
} from '../../../src/finetune/history/history.js';
import { resultNotes } from '../../../src/finetune/result/resultNotes.js';

const record = (loss: number): EpochRecord => ({
  epoch: 1,
  step: 1,
  learningRate: 1,
  strength: 1,
  train: { loss: 1 },
  validation: { clean: { loss: 1 }, noisy: { loss } },
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])('takes any loss for better than %s', (lost) => {
  expect(isBetter(record(2), record(lost), emptyHistory)).toBe(true);
  expect(isBetter(record(lost), record(2), emptyHistory)).toBe(false);
  const history = { start: record(lost).validation!, running: {}, records: [record(2)], best: 0 };
  expect(resultNotes(history)).toEqual([]);
});

const judged = (clean: number, noisy: number): Validation => ({
  clean: { loss: 1, accuracy: clean },
  noisy: { loss: 1, accuracy: noisy },
});
const epoch = (clean: number, noisy: number): EpochRecord => ({
  ...record(1),
  validation: judged(clean, noisy),
});

it.each([
  ['epoch', judged(0.9, 0.5), judged(0.9, 0.6), epoch(0.9, 0.7)],
  ['clipped', judged(0.9, 0.5), judged(0.9, 0.7), epoch(0.9, 0.7)],
  ['source', judged(0.9, 0.5), judged(0.9, 0.5), epoch(0.9, 0.4)],
  // Two points under noise do not pay for eleven without.
  ['source', judged(0.9, 0.5), undefined, epoch(0.79, 0.52)],
  ['epoch', judged(0.9, 0.5), undefined, epoch(0.79, 0.7)],
  // A point without noise is free.
  ['epoch', judged(0.9, 0.5), undefined, epoch(0.891, 0.502)],
] as const)('takes the best of source, clipping alone and epochs: %s', (origin, start, clipped, best) => {
  const history = { start, ...(clipped && { clipped }), running: {}, records: [best], best: 0 };
  expect(originOf(history)).toBe(origin);
  expect(resultNotes(history)).toHaveLength(origin === 'epoch' ? 0 : 1);
});
