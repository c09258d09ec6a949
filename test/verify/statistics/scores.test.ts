import { expect, test } from 'vitest';
import {
  addClasses,
  addTargets,
  emptyScore,
  rightBit,
  topFiveBit,
} from '../../../src/verify/statistics/scores.js';

function score(rows: number[][], labels: number[], closeMargin?: number) {
  const result = emptyScore();
  const close = addClasses(result, Float32Array.from(rows.flat()), rows[0]!.length, labels, closeMargin);
  return { ...result, close };
}

test('counts the rows whose label is highest', () => {
  const rows = [
    [0, 2, 1],
    [3, 2, 1],
    [-3, -2, -1],
  ];
  expect(score(rows, [1, 1, 2])).toMatchObject({ examples: 3, correct: 2, ties: 0, notNumbers: 0 });
});

test('a tie for the highest output is wrong, and counted as a tie', () => {
  const rows = [
    [1, 1, 0],
    [0, 0, 0],
    [0, 1, 1],
  ];
  expect(score(rows, [0, 1, 0])).toMatchObject({ examples: 3, correct: 0, ties: 2 });
});

test('an example with an output that is no number is wrong, wherever it stands', () => {
  const rows = [
    [Number.NaN, 5, 0],
    [5, Number.NaN, 0],
    [0, Number.POSITIVE_INFINITY, 1],
  ];
  expect(score(rows, [1, 1, 1])).toMatchObject({ examples: 3, correct: 1, notNumbers: 2 });
});

test('top-5 counts labels with fewer than five outputs at or above them', () => {
  const row = [9, 8, 7, 6, 5, 4, 4];
  const tops = [0, 4, 5, 6].map((label) => score([row], [label]).correctTop5);
  expect(tops).toEqual([1, 1, 0, 0]);
});

test('decisions closer than the margin are handed back, not scored', () => {
  const rows = [
    [1, 1.00001],
    [1, 2],
    [100, 100.001],
    [0, 0],
  ];
  const result = score(rows, [1, 1, 0, 0], 1e-4);
  expect(result.close).toEqual([0, 2, 3]);
  expect(result).toMatchObject({ examples: 1, correct: 1 });
});

test('mean squared error is over examples and outputs, batch after batch', () => {
  const result = emptyScore();
  addTargets(result, Float32Array.of(1, 2, 3, 4), 2, Float32Array.of(1, 0, 0, 4));
  addTargets(result, Float32Array.of(1, 1), 2, Float32Array.of(0, 0));
  expect(result.examples).toBe(3);
  expect(result.squaredError).toBeCloseTo((4 + 9 + 1 + 1) / 6, 6);
});

test('notes how each example fared under its own number', () => {
  const classes = emptyScore(new Uint8Array(4));
  const rows = Float32Array.of(
    9,
    8,
    7,
    6,
    5,
    4,
    3,
    /**/ 3,
    4,
    5,
    6,
    7,
    8,
    9,
    /**/ 1,
    2,
    3,
    4,
    5,
    6,
    Number.NaN,
  );
  addClasses(classes, rows, 7, [0, 2, 0], 0, [2, 0, 3]);
  expect([...classes.outcomes!]).toEqual([topFiveBit, 0, rightBit | topFiveBit, 0]);
  const targets = emptyScore(new Float64Array(3));
  addTargets(targets, Float32Array.of(1, 2, 3, 4), 2, Float32Array.of(1, 0, 0, 4), [2, 1]);
  expect([...targets.outcomes!]).toEqual([0, 4.5, 2]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('an error of %f is no number, and counted', (output) => {
  const result = emptyScore();
  addTargets(result, Float32Array.of(1, output, 3, 4), 2, Float32Array.of(1, 0, 3, 4));
  addTargets(result, Float32Array.of(1, 1), 2, Float32Array.of(1, 1));
  expect(result).toMatchObject({ examples: 3, notNumbers: 1 });
  expect(Number.isFinite(result.squaredError)).toBe(false);
});
