import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { openDataset } from '../../src/data/open.js';
import { sampleDataset, sampleIndices } from '../../src/data/sample.js';
import { npy, npz, pattern, temporaryFolder, write } from './layouts.js';

const countsOf = (labels: ArrayLike<number>) => {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
};

describe('sampleIndices', () => {
  it('gives exactly so many, ascending, none twice, every class its share to within one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5), { minLength: 1, maxLength: 200 }),
        fc.nat(250),
        fc.nat(9),
        (labels, size, seed) => {
          const chosen = sampleIndices(labels, labels.length, size, seed);
          expect(chosen.length).toBe(Math.min(size, labels.length));
          expect([...chosen]).toEqual([...new Set(chosen)].sort((a, b) => a - b));
          const counts = countsOf([...chosen].map((index) => labels[index]!));
          for (const [label, all] of countsOf(labels)) {
            const share = (all * chosen.length) / labels.length;
            expect(Math.abs((counts.get(label) ?? 0) - share)).toBeLessThan(1);
          }
          expect(sampleIndices(labels, labels.length, size, seed)).toEqual(chosen);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  /** Each example in 200 of 1,000 seeds on average; beyond 5.5 standard deviations (12.6) once in 300,000 such tests. */
  it('prefers no example and no class, whatever the order of the file', () => {
    const labels = Array.from({ length: 10 }, (_, i) => Math.floor(i / 2)); // sorted by class
    for (const of of [labels, []]) {
      const times = new Array(10).fill(0);
      for (let seed = 0; seed < 1000; seed++) for (const i of sampleIndices(of, 10, 2, seed)) times[i]++;
      for (const count of times) expect(Math.abs(count - 200)).toBeLessThan(5.5 * 12.65);
    }
  });
});

const folder = temporaryFolder();
const sorted = (name: string, count = 60) => {
  const x = npy('|u1', [count, 3], pattern(count * 3));
  const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt(Math.floor((3 * i) / count)));
  return `npz:${write(folder, name, npz({ x_train: x, y_train: npy('<i8', [count], labels), x_test: x, y_test: npy('<i8', [count], labels) }))}`;
};

describe('a limit', () => {
  it.each(['train', 'test'] as const)('of a class-sorted file takes every class: %s', async (split) => {
    const data = await openDataset(sorted('sorted.npz'), { split, limit: 12 });
    expect([data.count, data.labels.length, data.examples.length]).toEqual([12, 12, 36]);
    expect([...countsOf(data.labels).values()]).toEqual([4, 4, 4]);
    expect(data.sampled).toEqual({ of: 60, seed: 0 });
    expect(data.notes).toEqual([`12 of 60 ${split} examples, class-balanced, seed 0 (--split-seed).`]);
  });

  it('keeps examples and labels together', async () => {
    const spec = sorted('pairs.npz');
    const [all, some] = [await openDataset(spec), await openDataset(spec, { limit: 30, splitSeed: 4 })];
    const rows = (data: Dataset) =>
      Array.from(
        { length: data.count },
        (_, i) => `${data.examples.subarray(3 * i, 3 * i + 3)} ${data.labels[i]}`,
      );
    for (const row of rows(some)) expect(rows(all)).toContain(row);
    const other = await openDataset(spec, { limit: 30, splitSeed: 5 });
    expect(rows(other)).not.toEqual(rows(some));
  });

  it('beyond the split says nothing', async () => {
    const data = await openDataset(sorted('few.npz'), { limit: 60 });
    expect([data.count, data.sampled, data.notes]).toEqual([60, undefined, []]);
  });

  it('of values draws at random, targets with their examples', () => {
    const count = 20;
    const numbers = Float32Array.from({ length: count }, (_, i) => i);
    const data: Dataset = {
      ...{ spec: 'npz:v.npz:test', split: 'test', count, shape: [1], classes: 0, files: [] },
      ...{ examples: numbers, labels: new Int32Array(0), targets: numbers, targetShape: [1] },
    };
    const part = sampleDataset(data, 5, 3);
    expect([part.count, part.targets]).toEqual([5, part.examples]);
    expect(part.examples).not.toEqual(numbers.subarray(0, 5));
  });
});
