import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sliceDataset } from '../../src/data/dataset.js';
import { openDataset } from '../../src/data/open.js';
import { cifarRecords, idx, pattern, temporaryFolder, write } from './layouts.js';

function mnistFolder(suffix: string, names = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte']): string {
  const folder = temporaryFolder();
  write(folder, `${names[0]}${suffix}`, idx([3, 28, 28], pattern(3 * 784)));
  write(folder, `${names[1]}${suffix}`, idx([3], Uint8Array.of(7, 0, 9)));
  return folder;
}

describe('IDX data sets', () => {
  it.each([
    ['plain', ''],
    ['gzipped', '.gz'],
  ])('reads %s files with their hashes', async (_, suffix) => {
    const folder = mnistFolder(suffix);
    const data = await openDataset(`mnist:${folder}:test`);
    expect(data).toMatchObject({ spec: `mnist:${folder}:test`, split: 'test', count: 3, classes: 10 });
    expect(data.shape).toEqual([1, 28, 28]);
    expect([...data.labels]).toEqual([7, 0, 9]);
    expect([...data.examples]).toEqual([...pattern(3 * 784)]);
    for (const { path, sha256 } of data.files)
      expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
    expect(data.files).toHaveLength(2);
  });

  it('finds the files where torchvision puts them, and under their dotted names', async () => {
    const folder = mnistFolder('', [
      'FashionMNIST/raw/t10k-images.idx3-ubyte',
      'FashionMNIST/raw/t10k-labels.idx1-ubyte',
    ]);
    expect((await openDataset(`fashion-mnist:${folder}`)).classNames).toContain('ankle boot');
  });

  it('keeps the first examples with a limit', async () => {
    const data = await openDataset(`mnist:${mnistFolder('')}`, { limit: 2 });
    expect([data.count, data.labels.length, data.examples.length]).toEqual([2, 2, 2 * 784]);
  });

  it('cuts a range out, labels with it', async () => {
    const data = sliceDataset(await openDataset(`mnist:${mnistFolder('')}`), 1);
    expect([data.count, [...data.labels]]).toEqual([2, [0, 9]]);
    expect([...data.examples]).toEqual([...pattern(3 * 784).subarray(784)]);
  });

  it('names every missing file and what it looked for', async () => {
    const folder = temporaryFolder();
    await expect(openDataset(`mnist:${folder}`, { split: 'train' })).rejects.toMatchObject({
      kind: 'io',
      problems: [
        {
          what: 'data file train-images-idx3-ubyte is missing',
          hint: expect.stringContaining('train-images-idx3-ubyte.gz'),
        },
        { what: 'data file train-labels-idx1-ubyte is missing' },
      ].map((problem) => expect.objectContaining(problem)),
    });
    await expect(openDataset(`mnist:${join(folder, 'nowhere')}`)).rejects.toThrow(
      /cannot be opened \(ENOENT\)/,
    );
  });

  it.each([
    [
      'wrong magic',
      idx([3, 28, 28], pattern(3 * 784), 0x0d03),
      /magic number is 0x00000d03, expected 0x00000803/,
    ],
    ['truncated', idx([3, 28, 28], pattern(700)), /truncated: 716 bytes, its header \[3,28,28\] needs 2368/],
    ['no header', Uint8Array.of(0, 0, 8), /truncated: 3 bytes/],
    ['fewer pictures than labels', idx([2, 28, 28], pattern(2 * 784)), /2 pictures but 3 labels/],
  ])('refuses pictures: %s', async (_, images, message) => {
    const folder = mnistFolder('');
    write(folder, 't10k-images-idx3-ubyte', images);
    await expect(openDataset(`mnist:${folder}`)).rejects.toThrow(message);
  });

  it('tells the problems of both files at once', async () => {
    const folder = mnistFolder('');
    write(folder, 't10k-images-idx3-ubyte', pattern(100));
    write(folder, 't10k-labels-idx1-ubyte', pattern(100));
    const failure = await openDataset(`mnist:${folder}`).catch((error) => error);
    expect(failure).toMatchObject({ kind: 'model' });
    expect(failure.problems).toHaveLength(2);
  });

  it('refuses labels out of range and broken gzip files', async () => {
    const folder = mnistFolder('');
    write(folder, 't10k-labels-idx1-ubyte', idx([3], Uint8Array.of(1, 10, 77)));
    await expect(openDataset(`mnist:${folder}`)).rejects.toThrow(
      /2 of 3 labels are not classes 0 to 9; the first is label 10 at 1/,
    );
    const broken = mnistFolder('.gz');
    writeFileSync(join(broken, 't10k-images-idx3-ubyte.gz'), gzipSync(pattern(5000)).subarray(0, 40));
    await expect(openDataset(`mnist:${broken}`)).rejects.toThrow(
      /gzip file is broken: unexpected end of file/,
    );
  });
});

describe('CIFAR', () => {
  it('joins the five parts of CIFAR-10, planar, in order', async () => {
    const folder = temporaryFolder();
    for (let part = 1; part <= 5; part++)
      write(
        folder,
        `data_batch_${part}.bin${part === 2 ? '.gz' : ''}`,
        cifarRecords([[part], [part + 1]], part * 10),
      );
    const data = await openDataset(`cifar10:${folder}:train`);
    expect([...data.labels]).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
    expect([...data.examples.subarray(3 * 3072, 4 * 3072)]).toEqual([...pattern(3072, 21)]);
    expect(data.shape).toEqual([3, 32, 32]);
    expect(data.files).toHaveLength(5);
    expect(data.notes![0]).toMatch(/holds 2 pictures; the published file has 10000/);
  });

  it('reads fine or coarse labels of CIFAR-100', async () => {
    const folder = temporaryFolder();
    write(
      folder,
      'cifar-100-binary/test.bin',
      cifarRecords([
        [19, 99],
        [3, 42],
      ]),
    );
    const fine = await openDataset(`cifar100:${folder}`);
    const coarse = await openDataset(`cifar100-coarse:${folder}`);
    expect([[...fine.labels], fine.classes]).toEqual([[99, 42], 100]);
    expect([[...coarse.labels], coarse.classes]).toEqual([[19, 3], 20]);
    expect(fine.examples).toEqual(coarse.examples);
  });

  it('refuses truncated files, all of them, and empty ones', async () => {
    const folder = temporaryFolder();
    for (let part = 1; part <= 5; part++)
      write(folder, `data_batch_${part}.bin`, pattern(part < 3 ? 4000 : 3073 * 2).fill(1));
    const failure = await openDataset(`cifar10:${folder}:train`).catch((error) => error);
    expect(failure.problems.map(({ what }: { what: string }) => what)).toEqual(
      Array(2).fill('4000 bytes are not a whole number of records of 3073 bytes'),
    );
    write(folder, 'test_batch.bin', new Uint8Array());
    await expect(openDataset(`cifar10:${folder}`)).rejects.toThrow(/0 bytes are not/);
  });
});

const shared = process.env.TEMPER_SHARED ?? new URL('../../../shared', import.meta.url).pathname;
const mnist = join(shared, 'data', 'mnist');

it.skipIf(!existsSync(mnist))('reads the real MNIST test set (skipped without TEMPER_SHARED)', async () => {
  const data = await openDataset(`mnist:${mnist}:test`);
  expect(data.count).toBe(10_000);
  // Class counts of the published test labels.
  const counts = new Array(10).fill(0);
  for (const label of data.labels) counts[label]++;
  expect(counts).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
});

it('hands out plain arrays, no Buffers, of which copies are deprecated', async () => {
  const folder = temporaryFolder();
  write(folder, 't10k-images-idx3-ubyte', idx([2, 3, 3], pattern(18)));
  write(folder, 't10k-labels-idx1-ubyte.gz', idx([2], Uint8Array.of(1, 2)));
  const { examples } = await openDataset(`mnist:${folder}`);
  expect(examples.constructor).toBe(Uint8Array);
});
