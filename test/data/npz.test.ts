import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/open.js';
import { npy, npz, pattern, temporaryFolder, write } from './layouts.js';

const folder = temporaryFolder();
const x = npy('|u1', [10, 3, 4, 4], pattern(480));
const y = npy(
  '<i8',
  [10],
  BigInt64Array.from({ length: 10 }, (_, i) => BigInt(i % 4)),
);

function open(name: string, arrays: Record<string, Uint8Array>, options = {}) {
  return openDataset(`npz:${write(folder, name, npz(arrays))}`, options);
}

describe('npz', () => {
  it('splits by seed, keeps the order of the file, and loses nothing', async () => {
    const test = await open('a.npz', { x, y });
    const train = await open('a.npz', { x, y }, { split: 'train' });
    expect([test.count, train.count, test.classes, test.classesInferred]).toEqual([2, 8, 4, true]);
    const rows = [...split(train.examples, 48), ...split(test.examples, 48)].sort();
    expect(rows).toEqual(split(pattern(480), 48).sort());
    const other = await open('a.npz', { x, y }, { splitSeed: 5, testFraction: 0.5 });
    expect(other.count).toBe(5);
  });

  it('leaves arrays alone that are called as fields of every object, and names them where x is missing', async () => {
    const taken = { ['__proto__']: x, constructor: x, toString: y };
    const all = await open('taken.npz', { ...taken, x, y }, { testFraction: 1 });
    expect([...all.examples]).toEqual([...pattern(480)]);
    await expect(open('none.npz', taken)).rejects.toThrow(/__proto__.*constructor.*toString/);
  });

  it('is the file as it stands with testFraction 1', async () => {
    const all = await open('b.npz', { x, y }, { testFraction: 1 });
    expect([...all.examples]).toEqual([...pattern(480)]);
    expect([...all.labels]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1]);
    expect(all.pictures).toBeUndefined();
    await expect(open('b.npz', { x, y }, { testFraction: 1, split: 'train' })).rejects.toThrow(
      /no train examples/,
    );
  });

  it('uses x_train and x_test where the file has them', async () => {
    const arrays = {
      x_train: x,
      y_train: y,
      x_test: npy('|u1', [1, 3, 4, 4], pattern(48, 9)),
      y_test: npy('|u1', [1], Uint8Array.of(2)),
    };
    const test = await open('c.npz', arrays);
    expect([test.count, [...test.labels]]).toEqual([1, [2]]);
    expect((await open('c.npz', arrays, { split: 'train' })).count).toBe(10);
  });

  it('names values that are not finite by their place in the file, in either split', async () => {
    const values = new Float32Array(5 * 2 * 3).fill(1);
    values[4 * 6 + 1 * 3 + 2] = Number.POSITIVE_INFINITY;
    const targets = Float32Array.of(0, Number.NaN, 2, 3, Number.NaN);
    const arrays = { x: npy('<f4', [5, 2, 3], values), y: npy('<f4', [5], targets) };
    for (const split of ['train', 'test'] as const)
      await expect(open('nan.npz', arrays, { split })).rejects.toMatchObject({
        kind: 'model',
        problems: [
          { what: 'x[4,1,2] is Infinity' },
          { what: '2 values are not finite: y[1] is NaN, the first' },
        ],
      });
  });

  it('takes float targets for regression', async () => {
    const data = await open(
      'd.npz',
      {
        x: npy('<f8', [4, 2], Float64Array.of(1, 2, 3, 4, 5, 6, 7, 0.1)),
        y: npy('<f4', [4, 1], Float32Array.of(1, 2, 3, 4)),
      },
      { testFraction: 1 },
    );
    expect(data.examples).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 0.1));
    expect([data.classes, data.labels.length, data.targetShape]).toEqual([0, 0, [1]]);
    expect([...data.targets!]).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['missing array', { x }, /array y is missing; the file has x/],
    [
      'rows that are no classes',
      { x, y: npy('|u1', [10, 4], pattern(40)) },
      /y has shape \[10,4\][\s\S]*--labels values/,
    ],
    ['different counts', { x, y: npy('|u1', [9], new Uint8Array(9)) }, /x has 10 examples, y has 9/],
    [
      'labels that int32 would wrap into classes',
      {
        x,
        y: npy(
          '<i8',
          [10],
          BigInt64Array.from({ length: 10 }, (_, i) => 2n ** 32n + BigInt(i)),
        ),
      },
      /10 of 10 labels are not classes 0 to 2147483647; the first is label 4294967296/,
    ],
    [
      'labels beyond the whole numbers of float64',
      { x, y: npy('<u8', [10], new BigUint64Array(10).fill(2n ** 64n - 1n)) },
      /10 of 10 labels are not classes/,
    ],
    [
      'negative labels',
      { x, y: npy('<i4', [10], new Int32Array(10).fill(-1)) },
      /10 of 10 labels are not classes .* label -1 at 0/,
    ],
    ['whole numbers as pictures', { x: npy('<i4', [10, 2], new Int32Array(20)), y }, /x has type <i4/],
    [
      'Fortran order',
      { x: npy('|u1', [10, 3, 4, 4], pattern(480), true), y },
      /Fortran order[\s\S]*ascontiguousarray/,
    ],
    ['pickled objects', { x: npy('|O', [10], pattern(80)), y }, /type \|O are not supported/],
    ['big-endian', { x: npy('>f4', [10, 1], pattern(40)), y }, /type >f4/],
    ['truncated array', { x: x.subarray(0, 300), y }, /truncated or too long/],
    ['not an array', { x: pattern(200), y }, /wrong magic/],
  ])('refuses: %s', async (_, arrays, message) => {
    await expect(open('bad.npz', arrays as Record<string, Uint8Array>)).rejects.toThrow(message);
  });

  it('refuses what is no archive, and zip bombs before unpacking them', async () => {
    const path = write(folder, 'text.npz', pattern(100));
    await expect(openDataset(`npz:${path}`)).rejects.toThrow(/not a readable ZIP archive/);
    const bomb = Buffer.from(npz({ x, y }));
    const directory = bomb.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    bomb.writeUInt32LE(0xf0000000, directory + 24); // the declared size of x
    await expect(openDataset(`npz:${write(folder, 'bomb.npz', bomb)}`)).rejects.toThrow(/zip bomb/);
    await expect(openDataset(`npz:${folder}/absent.npz`)).rejects.toMatchObject({ kind: 'io' });
  });
});

function split(values: Uint8Array | Float32Array, size: number): string[] {
  return Array.from({ length: values.length / size }, (_, i) =>
    values.subarray(i * size, (i + 1) * size).join(),
  );
}
