import { expect, test } from 'vitest';
import { ExampleSums } from '../../../src/verify/judge/exampleSums.js';
import { trialsOf } from '../../../src/verify/judge/trials.js';
import { emptyScore, rightBit, type Score, topFiveBit } from '../../../src/verify/statistics/scores.js';

const trials = trialsOf(1, 1, 3); // the model itself, then three chips
const scoreOf = (outcomes: Uint8Array | Float64Array): Score => emptyScore(outcomes);

function meansOf(scores: Score[], order: number[], measure: 'accuracy' | 'top5' | 'mse') {
  const sums = new ExampleSums(trials);
  for (const job of order) sums.take(job, { ...scores[job]! });
  return sums.means(0, 0, measure);
}

test('counts for each example the chips that judged it right', () => {
  const both = rightBit | topFiveBit;
  const scores = [
    [both, both],
    [both, 0],
    [both, topFiveBit],
    [0, topFiveBit],
  ].map((outcomes) => scoreOf(Uint8Array.from(outcomes)));
  expect([...meansOf(scores, [0, 1, 2, 3], 'accuracy')!]).toEqual([2 / 3, 0]);
  expect([...meansOf(scores, [0, 1, 2, 3], 'top5')!]).toEqual([2 / 3, 2 / 3]);
  expect(meansOf(scores, [0, 1, 2, 3], 'mse')).toBeUndefined();
});

test('errors are added in the order of the chips, whatever order they come in', () => {
  const errors = [[0], [0.1], [0.2], [0.3]].map((own) => scoreOf(Float64Array.from(own)));
  const [inOrder] = meansOf(errors, [0, 1, 2, 3], 'mse')!;
  expect(inOrder).toBe((0.1 + 0.2 + 0.3) / 3);
  expect(0.1 + (0.2 + 0.3)).not.toBe(0.1 + 0.2 + 0.3); // another order would show
  for (const order of [
    [3, 2, 1, 0],
    [2, 0, 3, 1],
  ])
    expect(meansOf(errors, order, 'mse')![0]).toBe(inOrder);
});

test('a chip with an error that is no number is left out', () => {
  const errors = [[0], [0.5], [Number.NaN], [1.5]].map((own) => scoreOf(Float64Array.from(own)));
  expect([...meansOf(errors, [0, 1, 2, 3], 'mse')!]).toEqual([1]);
});

test('nothing is kept by chip', () => {
  const sums = new ExampleSums(trials);
  const score = scoreOf(new Uint8Array(5));
  sums.take(0, score);
  expect(score).not.toHaveProperty('outcomes');
});
