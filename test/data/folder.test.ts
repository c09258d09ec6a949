import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../src/data/open.js';
import { pattern, temporaryFolder, write } from './layouts.js';

/** A picture of one colour. */
async function plain(folder: string, name: string, colour: string, width = 6, height = 6): Promise<void> {
  const picture = sharp({ create: { width, height, channels: 3, background: colour } });
  write(folder, name, await picture.toFormat(name.endsWith('.jpg') ? 'jpeg' : 'png').toBuffer());
}

async function colours(): Promise<string> {
  const folder = temporaryFolder();
  for (let i = 0; i < 5; i++) {
    await plain(folder, `red/${i}.png`, '#ff0000');
    await plain(folder, `blue/${i}.png`, '#0000ff');
  }
  return folder;
}

describe('folder', () => {
  it('reads classes in the order of their names, planar RGB', async () => {
    const data = await openDataset(`folder:${await colours()}`, { testFraction: 1 });
    expect([data.count, data.classes, data.classNames]).toEqual([10, 2, ['blue', 'red']]);
    expect(data.shape).toEqual([3, 6, 6]);
    expect(data.pictures).toBe('oriented');
    for (let i = 0; i < data.count; i++) {
      const [red, blue] = [data.examples[i * 108]!, data.examples[i * 108 + 72]!];
      expect([red, blue]).toEqual(data.labels[i] === 1 ? [255, 0] : [0, 255]);
    }
    expect(new Set(data.labels.subarray(0, 5)).size).toBe(2); // not sorted by class
  });

  it('takes names that every object has for classes like any other', async () => {
    const folder = temporaryFolder();
    const taken = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
    for (const name of taken) await plain(folder, `${name}/valueOf.png`, '#102030');
    const data = await openDataset(`folder:${folder}`, { testFraction: 1 });
    expect([data.count, data.classNames]).toEqual([4, taken]);
    expect([...data.labels].sort()).toEqual([0, 1, 2, 3]);
  });

  it('separates train and test by seed, the same way every time', async () => {
    const folder = await colours();
    const test = await openDataset(`folder:${folder}:test`, { testFraction: 0.4 });
    const train = await openDataset(`folder:${folder}:train`, { testFraction: 0.4 });
    expect([test.count, train.count]).toEqual([4, 6]);
    expect(await openDataset(`folder:${folder}:test`, { testFraction: 0.4 })).toEqual(test);
    expect(test.files).toEqual([{ path: folder, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(test.files[0]!.sha256).not.toBe(train.files[0]!.sha256);
  });

  it('takes a class-balanced sample, decoding no more', async () => {
    const folder = await colours();
    write(folder, 'red/9.png', pattern(50)); // broken
    const sampled = (splitSeed: number) =>
      openDataset(`folder:${folder}`, { undivided: 'whole', limit: 4, splitSeed }).catch(() => undefined);
    const all = await Promise.all([0, 1, 2, 3, 4, 5].map(sampled));
    const whole = all.filter((data) => data !== undefined); // the broken one was left out
    expect(whole.length).toBeGreaterThan(0);
    for (const data of whole) {
      expect([...data.labels].sort()).toEqual([0, 0, 1, 1]);
      expect(data.sampled?.of).toBe(11);
      expect(data.notes!.join()).toMatch(/all 11 examples.*4 of 11 test examples, class-balanced/);
    }
  });

  it('scales and turns grey as the model wants, and says so', async () => {
    const data = await openDataset(`folder:${await colours()}`, {
      shape: [1, 4, 3],
      limit: 2,
      testFraction: 1,
    });
    expect([data.shape, data.count]).toEqual([[1, 4, 3], 2]);
    expect(data.notes!.join()).toMatch(/scaled to 3 x 4.*grey/);
    // Luma of pure red and pure blue, not the mean of the channels (85).
    for (let i = 0; i < 2; i++) expect(data.examples[i * 12]).not.toBe(85);
  });

  it('takes train/ and val/ as the split, with the same class numbers in both', async () => {
    const folder = temporaryFolder();
    for (const name of ['train/a/0.png', 'train/b/0.png', 'train/c/0.png', 'val/c/0.png'])
      await plain(folder, name, '#00ff00');
    expect((await openDataset(`folder:${folder}:train`)).count).toBe(3);
    const test = await openDataset(`folder:${folder}:test`);
    expect([[...test.labels], test.classes]).toEqual([[2], 3]);
  });

  it('numbers class folders by value if all are numbers', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 11; i++) await plain(folder, `${i}/p.png`, '#000');
    const data = await openDataset(`folder:${folder}`, { testFraction: 1 });
    expect(data.classNames!.slice(0, 3)).toEqual(['0', '1', '2']);
    expect(data.notes!.join()).toMatch(/ordered by value/);
  });

  it('tells every broken picture and every other size', async () => {
    const folder = await colours();
    write(folder, 'red/broken.png', pattern(50));
    await plain(folder, 'blue/large.jpg', '#fff', 9, 7);
    const failure = await openDataset(`folder:${folder}`, { testFraction: 1 }).catch((error) => error);
    expect(failure.kind).toBe('model');
    expect(failure.message).toMatch(/it is no PNG, JPEG[\s\S]*broken\.png/);
    expect(failure.message).toMatch(/it is 9 x 7, the first picture is 6 x 6/);
    expect(failure.problems).toHaveLength(2);
  });

  it('refuses empty and missing folders', async () => {
    const folder = temporaryFolder();
    await expect(openDataset(`folder:${folder}`)).rejects.toThrow(/no class folders/);
    mkdirSync(join(folder, 'cats'));
    await expect(openDataset(`folder:${folder}`)).rejects.toThrow(/class folder has no pictures/);
    await expect(openDataset(`folder:${folder}/none`)).rejects.toMatchObject({ kind: 'io' });
  });
});

describe('what a folder holds besides', () => {
  it('is said: files that are no pictures, folders within classes', async () => {
    const folder = await colours();
    for (const name of [
      'labels.csv',
      'red/0.bmp',
      'red/more/0.png',
      'blue/notes.txt',
      '.hidden',
      'red/.DS_Store',
    ])
      write(folder, name, pattern(10));
    const { notes, count } = await openDataset(`folder:${folder}`, { testFraction: 1 });
    expect(count).toBe(10);
    expect(notes!.join()).toMatch(
      /Left out, .*: labels\.csv, blue\/notes\.txt, red\/(0\.bmp|more\/) and 1 more\./,
    );
  });

  it('is said of what a dot hides: classes and pictures', async () => {
    const folder = await colours();
    await plain(folder, '.green/0.png', '#00ff00');
    await plain(folder, 'red/.1.png', '#ff0000');
    for (const name of ['.DS_Store', 'red/.DS_Store']) write(folder, name, pattern(10));
    const { notes } = await openDataset(`folder:${folder}`, { testFraction: 1 });
    expect(notes!.join()).toContain('Left out, as their names begin with a dot: .green/, red/.1.png.');
  });

  it('train, val and test: val is left out, and no class', async () => {
    const folder = temporaryFolder();
    for (const part of ['train', 'val', 'test'])
      for (const name of ['a', 'b']) await plain(folder, `${part}/${name}/${part}.png`, '#00ff00');
    const data = await openDataset(`folder:${folder}:test`);
    expect([data.count, data.classNames]).toEqual([2, ['a', 'b']]);
    expect(data.notes!.join()).toMatch(/Left out, .*: val\//);
  });

  // Linux alone takes any bytes as a name.
  it.runIf(process.platform === 'linux')(
    'with a name that is no UTF-8 is refused, by all its names',
    async () => {
      const folder = await colours();
      const bytes = (...parts: (string | number)[]) =>
        Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
      mkdirSync(bytes(folder, '/caf', 0xe9));
      mkdirSync(bytes(folder, '/', 0xff, 0xfe));
      const failure = await openDataset(`folder:${folder}`).catch((error) => error);
      expect(failure.kind).toBe('model');
      expect(failure.problems.map(({ what }: { what: string }) => what).sort()).toEqual([
        'a name that is no UTF-8: \\xff\\xfe',
        'a name that is no UTF-8: caf\\xe9',
      ]);
      const other = await colours();
      writeFileSync(bytes(other, '/red/', 0x80, '.png'), '');
      await expect(openDataset(`folder:${other}`)).rejects.toThrow(/no UTF-8: \\x80\.png\n {2}at .*red/);
    },
  );

  it('with a link that leads nowhere is refused', async () => {
    const folder = await colours();
    symlinkSync(join(folder, 'gone'), join(folder, 'green'));
    await expect(openDataset(`folder:${folder}`)).rejects.toMatchObject({
      kind: 'io',
      problems: [{ where: join(folder, 'green') }],
    });
  });

  it('several frames: the first is taken, and said', async () => {
    const folder = await colours();
    const frames = await Promise.all(
      ['#f00', '#00f'].map((background) =>
        sharp({ create: { width: 6, height: 6, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    write(
      folder,
      'red/moving.gif',
      await sharp(frames, { join: { animated: true } })
        .gif()
        .toBuffer(),
    );
    const { notes } = await openDataset(`folder:${folder}`, { testFraction: 1 });
    expect(notes!.join()).toMatch(/first frame .* 1 such, .*moving\.gif/);
  });
});
