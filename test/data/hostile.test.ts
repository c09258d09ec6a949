/** Archives, headers and folders made to exhaust or to hang their reader: an error, soon, in little memory. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/open.js';
import { TemperError } from '../../src/errors.js';
import { cifarRecords, idx, npy, npz, pattern, temporaryFolder, write } from './layouts.js';

const folder = temporaryFolder();
const y = npy('|u1', [10], new Uint8Array(10));
const x = npy('|u1', [10, 2], new Uint8Array(20));

/** The refusal, after checking that it came soon and took little. */
async function refusal(spec: string, options = {}): Promise<string> {
  const memory = process.memoryUsage.rss();
  const error = await openDataset(spec, options).then(
    () => expect.fail('it was read'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TemperError);
  expect(process.memoryUsage.rss() - memory).toBeLessThan(2 ** 29);
  return (error as TemperError).message;
}

const archive = (name: string, bytes: Uint8Array) => `npz:${write(folder, name, bytes)}`;

/** An archive of one entry, of a size that it does not declare. */
function lying(content: Uint8Array, declared: number): Uint8Array {
  const packed = deflateRawSync(content);
  const name = Buffer.from('x.npy');
  const [local, central, end] = [Buffer.alloc(30), Buffer.alloc(46), Buffer.alloc(22)];
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(declared, 24);
  central.writeUInt16LE(name.length, 28);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, central, name, end]);
}

describe('an archive', () => {
  it('that unpacks to more than it declares is cut off there', async () => {
    const bomb = lying(new Uint8Array(2 ** 28), 1000);
    const began = process.cpuUsage();
    expect(await refusal(archive('more.npz', bomb))).toMatch(/not a readable ZIP archive/);
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(2);
  });

  it('that unpacks to less than it declares is refused', async () => {
    expect(await refusal(archive('less.npz', lying(x, x.length + 500)))).toMatch(/damaged/);
  });

  it('that packs nothing but zeros into very little is refused before it is unpacked', async () => {
    const zeros = lying(new Uint8Array(2 ** 20), 2 ** 30);
    expect(await refusal(archive('ratio.npz', zeros))).toMatch(/zip bomb/);
  });

  it('that names an array twice is refused', async () => {
    const twice = Buffer.from(npz({ x, y, z: x }));
    for (let at = twice.indexOf('z.npy'); at >= 0; at = twice.indexOf('z.npy')) twice.write('x', at);
    expect(await refusal(archive('twice.npz', twice))).toMatch(/x\.npy is in the archive twice/);
  });

  it('whose entry lies outside of it, or is damaged, is refused', async () => {
    const bytes = npz({ x, y });
    const outside = Buffer.from(bytes);
    outside.writeUInt32LE(0x7fffffff, outside.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 42);
    expect(await refusal(archive('outside.npz', outside))).toMatch(/not a readable ZIP archive/);
    const damaged = Buffer.from(zipSync({ 'x.npy': [x, { level: 0 }], 'y.npy': [y, { level: 0 }] }));
    damaged[damaged.indexOf('x.npy') + 5 + 130]! ^= 1; // a pixel of x
    expect(await refusal(archive('damaged.npz', damaged))).toMatch(/damaged/);
  });

  it('within an archive is no array', async () => {
    const nested = zipSync({ 'x.npy': npz({ x, y }), 'y.npy': y });
    expect(await refusal(archive('nested.npz', nested))).toMatch(/array x .*|not an NPY array/);
  });

  it.each(Array.from({ length: 40 }, (_, i) => i))(
    'cut or overwritten at place %i is read or refused',
    async (i) => {
      const bytes = Buffer.from(npz({ x, y }));
      const at = Math.floor((i * bytes.length) / 40);
      const changed = i % 2 === 0 ? bytes.subarray(0, at) : Buffer.from(bytes).fill(0xff, at, at + 4);
      await openDataset(archive(`changed-${i}.npz`, changed)).catch((error: unknown) =>
        expect(error).toBeInstanceOf(TemperError),
      );
    },
  );
});

describe('the header of an array', () => {
  it.each([
    ['2^62 elements', [2 ** 31, 2 ** 31]],
    ['more elements than numbers count', Array(60).fill(999_999)],
    ['no element of 2^53 columns', [0, 2 ** 53]],
    ['a thousand axes', Array(1000).fill(2)],
  ])('that declares %s is refused', async (_, shape) => {
    const bytes = npz({ x: npy('|u1', shape as number[], new Uint8Array(20)), y });
    expect(await refusal(archive('shape.npz', bytes))).toMatch(/truncated or too long|examples/);
  });

  it('that is itself as long as the file is refused', async () => {
    const bytes = npz({ x: npy('|u1', Array(10_000).fill(1), new Uint8Array(1)), y });
    expect(await refusal(archive('header.npz', bytes))).toMatch(/NPY header of \d+ bytes/);
  });
});

describe('a published layout', () => {
  it('whose IDX header declares more than the file holds is refused', async () => {
    const place = temporaryFolder();
    const values = new Uint8Array(20);
    write(place, 't10k-images-idx3-ubyte', idx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], values));
    write(place, 't10k-labels-idx1-ubyte', idx([2 ** 32 - 1], values));
    expect(await refusal(`mnist:${place}`)).toMatch(/IDX file is truncated/);
  });

  it('whose CIFAR file is not whole is refused', async () => {
    const place = temporaryFolder();
    write(place, 'test_batch.bin', cifarRecords([[1], [2]]).subarray(1));
    expect(await refusal(`cifar10:${place}`)).toMatch(/not a whole number of records/);
  });
});

/** A PNG of this size in its header, and of hardly any pixels. */
function png(size: number, interlaced: boolean): Uint8Array {
  const chunk = (type: string, content: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(type), content]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, Number(interlaced)], 8); // RGBA
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(new Uint8Array(1000))),
    chunk('IEND', new Uint8Array()),
  ]);
}

const isPipe = (path: string) => spawnSync('mkfifo', [path]).status === 0;

describe('a folder of pictures', () => {
  const picture = () =>
    sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .png()
      .toBuffer();

  it('whose first picture is none is refused', async () => {
    const place = temporaryFolder();
    write(place, 'a/0.png', pattern(100));
    expect(await refusal(`folder:${place}`, { testFraction: 1 })).toMatch(/picture cannot be used/);
  });

  it('with a header of enormous size is refused', async () => {
    const place = temporaryFolder();
    const bytes = await picture();
    bytes.writeUInt32BE(2 ** 31 - 1, 16);
    bytes.writeUInt32BE(2 ** 31 - 1, 20);
    write(place, 'a/0.png', bytes);
    write(place, 'a/1.png', bytes);
    const shape = [3, 4, 4];
    expect(await refusal(`folder:${place}`, { testFraction: 1, shape })).toMatch(/picture cannot be used/);
  });

  // Each would be a gigabyte in memory: interlaced ones are decoded as a whole.
  it.each([
    ['interlaced', true],
    ['plain', false],
  ])('that are enormous and %s is refused before they are decoded', async (_, interlaced) => {
    const place = temporaryFolder();
    for (let i = 0; i < 8; i++) write(place, `a/${i}.png`, png(16_384, interlaced));
    const message = await refusal(`folder:${place}`, { testFraction: 1, shape: [3, 4, 4] });
    expect(message.match(/it is 16384 x 16384/g)).toHaveLength(8);
  });

  it.each([
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    [
      'SVG after a declaration',
      '<?xml version="1.0"?>\n<!-- -->\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ],
    ['PDF', '%PDF-1.4 1 0 obj'],
    ['PPM', `P6 1 1 255 abc`],
    ['nothing', ''],
  ])('with %s under the name of a PNG is refused', async (_, text) => {
    const place = temporaryFolder();
    write(place, 'a/0.png', Buffer.from(text));
    const wanted = /it is no PNG, JPEG, WebP, GIF, TIFF, AVIF/;
    expect(await refusal(`folder:${place}`, { testFraction: 1, shape: [3, 4, 4] })).toMatch(wanted);
    expect(await refusal(`folder:${place}`, { testFraction: 1 })).toMatch(wanted);
  });

  it.each(['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const)(
    'of %s is read under any name',
    async (format) => {
      const place = temporaryFolder();
      write(
        place,
        'a/0.jpg',
        await sharp(await picture())
          .toFormat(format)
          .toBuffer(),
      );
      expect((await openDataset(`folder:${place}`, { testFraction: 1 })).shape).toEqual([3, 4, 4]);
    },
  );

  it('does not wait for a pipe or read a device', async () => {
    const place = temporaryFolder();
    mkdirSync(join(place, 'a'));
    symlinkSync('/dev/zero', join(place, 'a', '0.png'));
    symlinkSync(place, join(place, 'a', '1.png'));
    if (!isPipe(join(place, 'a', '2.png'))) symlinkSync('/dev/zero', join(place, 'a', '2.png'));
    const message = await refusal(`folder:${place}`, { testFraction: 1, shape: [3, 4, 4] });
    expect(message.match(/not a regular file/g)).toHaveLength(2);
  });

  it('of files of a published layout that are pipes is refused', async () => {
    const place = temporaryFolder();
    const path = join(place, 'test_batch.bin');
    if (!isPipe(path)) symlinkSync('/dev/zero', path);
    expect(await refusal(`cifar10:${place}`)).toMatch(/cannot be read .*not a regular file/);
  });
});
