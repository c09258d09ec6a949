import { describe, expect, it } from 'vitest';
import type { NpyArray } from '../../src/data/npy.js';
import { openDataset } from '../../src/data/open.js';
import { type Meaning, understand } from '../../src/data/targets.js';
import { npy, npz, pattern, temporaryFolder, write } from './layouts.js';

const floats = (shape: number[], ...values: number[]): NpyArray => ({
  type: '<f8',
  shape,
  values: Float32Array.from(values),
});
const meaningOf = (y: NpyArray, meaning: Meaning = {}) => {
  const { labels, targets, classes } = understand(y, meaning, 'y');
  return targets ? { targets: [...targets] } : { labels: [...labels], classes };
};

describe('floats as labels', () => {
  const oneHot = floats([3, 4], 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0);

  it('one 1 among zeros in every row: classes, said', () => {
    expect(meaningOf(oneHot)).toEqual({ labels: [2, 0, 1], classes: 4 });
    expect(understand(oneHot, {}, 'y').notes.join()).toMatch(/one-hot: they are taken for 4 classes/);
  });

  it('other rows: values', () => {
    for (const row of [
      [0, 0, 0, 0],
      [1, 1, 0, 0],
      [0.5, 0.5, 0, 0],
      [0, 2, 0, 0],
      [0, -1, 0, 0],
      [0, Number.NaN, 0, 0],
    ]) {
      const values = [0, 0, 1, 0, ...row];
      expect(meaningOf(floats([2, 4], ...values))).toEqual({ targets: values });
    }
  });

  it('rows that are no class among many that are: refused, naming the first', () => {
    const rows = Array.from({ length: 20 }, (_, i) => [0, 1, 2, 3].map((c) => (c === i % 4 ? 1 : 0)));
    for (const [bad, said] of [
      [[0, 0, 0, 0], 'row 7 holds no 1'],
      [[1, 1, 0, 0], 'row 7 holds 2 ones'],
    ] as const) {
      const values = rows.flatMap((row, i) => (i === 7 ? bad : row));
      expect(() => meaningOf(floats([20, 4], ...values))).toThrow(said);
      expect(meaningOf(floats([20, 4], ...values), { labels: 'values' })).toEqual({ targets: values });
    }
  });

  it('whole numbers: classes, said, unless the model puts out one value that could meet them', () => {
    const y = floats([4], 3, 2, 0, 1);
    expect(meaningOf(y, { outputs: 4 })).toEqual({ labels: [3, 2, 0, 1], classes: 4 });
    expect(understand(y, { outputs: 4 }, 'y').notes.join()).toMatch(/whole numbers as floats.*4 classes/);
    expect(meaningOf(y)).toEqual({ labels: [3, 2, 0, 1], classes: 4 });
    expect(meaningOf(y, { outputs: 1 })).toEqual({ targets: [3, 2, 0, 1] });
    expect(meaningOf(floats([2, 1], 1, 0), { outputs: 3 })).toEqual({ labels: [1, 0], classes: 2 });
    expect(meaningOf(floats([2, 1], 1, 0))).toEqual({ targets: [1, 0] });
    expect(meaningOf(floats([2], 1, 0.5))).toEqual({ targets: [1, 0.5] });
  });

  it.each([0.5, -1, 1e300, 0.999_999_999_999, 2 ** 31, 2 ** 32 + 1, Number.NaN])(
    '%d is no class of a model with several outputs, and named by its place',
    (value) => {
      const y: NpyArray = { type: '<f8', shape: [4], values: Float64Array.of(1, 0, value, 2) };
      const named = new RegExp(`label ${value.toString().replace('+', '\\+')} at 2`);
      expect(() => understand(y, { outputs: 3 }, 'y')).toThrow(named);
    },
  );

  it('are what the user says', () => {
    expect(meaningOf(oneHot, { labels: 'values' })).toEqual({ targets: [...oneHot.values] });
    const whole: NpyArray = { type: '<i8', shape: [2], values: Float64Array.of(1, 0) };
    expect(meaningOf(whole, { labels: 'values' })).toEqual({ targets: [1, 0] });
    expect(meaningOf(floats([2], 1, 0), { outputs: 1, labels: 'classes' })).toEqual({
      labels: [1, 0],
      classes: 2,
    });
    expect(() => meaningOf(floats([2], 1, 0.5), { labels: 'classes' })).toThrow(/not classes/);
    expect(() => meaningOf(floats([2, 2], 1, 0.5, 0, 0), { labels: 'classes' })).toThrow(/one-hot rows/);
  });
});

it('says of an npz file what was understood', async () => {
  const x = npy('|u1', [4, 3], pattern(12));
  const y = npy('<f4', [4, 2], Float32Array.of(1, 0, 0, 1, 0, 1, 1, 0));
  const path = write(temporaryFolder(), 'hot.npz', npz({ x, y }));
  const data = await openDataset(`npz:${path}`, { testFraction: 1 });
  expect([[...data.labels], data.classes, data.targets]).toEqual([[0, 1, 1, 0], 2, undefined]);
  expect(data.notes!.join()).toMatch(/one-hot/);
  const values = await openDataset(`npz:${path}`, { testFraction: 1, labels: 'values' });
  expect([values.classes, [...values.targets!]]).toEqual([0, [1, 0, 0, 1, 0, 1, 1, 0]]);
});
