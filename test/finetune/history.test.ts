import { expect, it } from 'vitest';
import { type EpochRecord, harmNotes, isBetter } from '../../src/finetune/history.js';

const record = (loss: number): EpochRecord => ({
  epoch: 1,
  step: 1,
  learningRate: 1,
  strength: 1,
  train: { loss: 1 },
  validation: { clean: { loss: 1 }, noisy: { loss } },
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])('takes any loss for better than %s', (lost) => {
  expect(isBetter(record(2), record(lost))).toBe(true);
  expect(isBetter(record(lost), record(2))).toBe(false);
  const history = { start: record(lost).validation!, running: {}, records: [record(2)], best: 0 };
  expect(harmNotes(history)).toEqual([]);
});
