import { describe, expect, it } from 'vitest';
import { checkDataset, fitNotes } from '../../src/data/check.js';
import type { Dataset } from '../../src/data/dataset.js';
import { unitScale } from '../../src/data/normalize.js';

function dataset(shape: number[], changes: Partial<Dataset> = {}): Dataset {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    spec: 'npz:x.npz:test',
    split: 'test',
    count: 2,
    shape,
    classes: 10,
    examples: new Uint8Array(2 * size),
    labels: Int32Array.of(0, 9),
    files: [],
    ...changes,
  };
}

const said = (data: Dataset, target: Parameters<typeof checkDataset>[1]) =>
  checkDataset(data, target).map(({ what, hint }) => `${what}${hint ? ` (${hint})` : ''}`);

describe('checkDataset', () => {
  it.each([
    [
      [1, 28, 28],
      [undefined, 1, 28, 28],
    ],
    [
      [1, 28, 28],
      [1, 784],
    ],
    [[784], [undefined, 1, 28, 28]],
    [
      [28, 28],
      [1, 1, 28, 28],
    ],
    [
      [1, 28, 28],
      [undefined, 28, 28, 1],
    ],
    [
      [3, 32, 32],
      [undefined, 3, undefined, undefined],
    ],
  ])('lets %j into %j', (shape, inputShape) => {
    expect(said(dataset(shape), { inputShape, classes: 10 })).toEqual([]);
  });

  it.each([
    [[3, 32, 32], [1, 1, 28, 28], /shape \[3,32,32\], the model wants \[1,28,28\] \(.*colour pictures.*grey/],
    [[1, 32, 32], [1, 3, 32, 32], /grey pictures, the model wants colour/],
    [[3, 32, 32], [1, 32, 32, 3], /channels last/],
    [[32, 32, 3], [1, 3, 32, 32], /look channels last.*transpose\(0, 3, 1, 2\)/],
    [[3, 32, 32], [undefined, 784], /the model wants \[784\]/],
  ])('keeps %j out of %j', (shape, inputShape, message) => {
    expect(said(dataset(shape), { inputShape }).join()).toMatch(message);
  });

  it('says what was reshaped', () => {
    const notes = fitNotes(dataset([1, 28, 28]), { inputShape: [undefined, 784] });
    expect(notes).toEqual(['Examples [1,28,28] are fed as [784]; the order of the values stays.']);
    expect(fitNotes(dataset([784]), { inputShape: [undefined, 784] })).toEqual([]);
  });

  it('compares classes, leniently where they were counted from the labels', () => {
    const target = { inputShape: [1, 4], classes: 100 };
    expect(said(dataset([4]), target).join()).toMatch(/10 classes, the model has 100/);
    const counted = dataset([4], { classesInferred: true });
    expect(said(counted, target)).toEqual([]);
    expect(fitNotes(counted, target).join()).toMatch(/labels reach class 9; the model has 100/);
    expect(said(counted, { inputShape: [1, 4], classes: 5 }).join()).toMatch(
      /1 of 2 labels are not classes 0 to 4/,
    );
  });

  it('checks values against the normalisation', () => {
    const inputShape = [1, 4];
    const [mean, std] = [[0.5], [0.2]];
    const large = dataset([4], { examples: Float32Array.from({ length: 8 }, (_, i) => i * 30) });
    expect(said(large, { inputShape, normalization: { mean, std } }).join()).toMatch(
      /reach 210.*0\.\.1 scale.*uint8/,
    );
    expect(said(large, { inputShape })).toEqual([]);
    expect(fitNotes(large, { inputShape }).join()).toMatch(/reach 210 and are fed unscaled/);
    const broken = dataset([4], { examples: Float32Array.of(0, 0, 0, 0, Number.NaN, 0, 0, 0) });
    expect(said(broken, { inputShape }).join()).toMatch(/^examples\[1,0\] is NaN$/);
    const bytes = dataset([3, 2, 2]);
    const wrong = said(bytes, {
      inputShape: [1, 3, 2, 2],
      normalization: { mean: [125.3, 123, 113.9], std: [1, 0] },
    });
    expect(wrong.join()).toMatch(/--std has 2 values, the data have 3 channels/);
    expect(wrong.join()).toMatch(/--std 0 is not a positive number/);
    expect(wrong.join()).toMatch(/not on the 0\.\.1 scale.*0\.4914,0\.4824,0\.4467/);
  });

  it('refuses a standard deviation of pixels in 0..255, the mean left away', () => {
    const wide = said(dataset([1, 2, 2]), {
      inputShape: [1, 1, 2, 2],
      normalization: { mean: [0], std: [63.75] },
    });
    expect(wide).toEqual(['--std 63.75 is not on the 0..1 scale (divide by 255: 0.2500)']);
  });

  it('checks regression targets and augmentation', () => {
    const targets = dataset([4], {
      classes: 0,
      labels: new Int32Array(),
      targets: Float32Array.of(1, 2, 3, Number.NaN),
      targetShape: [2],
    });
    const wrong = said(targets, { inputShape: [1, 4], classes: 3, normalization: unitScale });
    expect(wrong).toEqual([
      'regression targets have 2 values each, the model puts out 3',
      'targets[1,1] is NaN',
    ]);
    const moved = said(
      dataset([3, 16, 16], {
        classes: 0,
        labels: new Int32Array(),
        targets: new Float32Array(2),
        targetShape: [1],
      }),
      { inputShape: [1, 3, 16, 16], augmentation: { crop: 0, flip: true } },
    );
    expect(moved.join()).toMatch(/^pictures cannot be cropped or mirrored, as their targets would not be/);
    const flat = said(dataset([784]), { inputShape: [1, 784], augmentation: { crop: 4, flip: true } });
    expect(flat.join()).toMatch(/not pictures: they cannot be cropped/);
    const crop = said(dataset([1, 8, 8]), {
      inputShape: [1, 1, 8, 8],
      augmentation: { crop: 8, flip: false },
    });
    expect(crop.join()).toMatch(/crop 8 is not a whole number from 0 to 7/);
  });
});
