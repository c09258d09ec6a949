import { describe, expect, it } from 'vitest';
import { fillBatch } from '../../src/data/batch.js';
import { onScaleOf, pixelScale, type Scaling, scalings, usualScalings } from '../../src/data/scalings.js';
import { pattern } from './layouts.js';

const bytes = pattern(3 * 16, 3);
const data = (examples: Uint8Array | Float32Array, shape = [3, 4, 4]) => ({ examples, shape, spec: 'npz:x' });

describe('named scalings', () => {
  it.each(scalings.filter(({ name }) => name !== 'asis'))(
    'give the same for bytes and for floats on 0..1 and 0..255: $name',
    (scaling: Scaling) => {
      const grey = scaling.normalization.mean.length === 1;
      const shape = grey ? [1, 6, 8] : [3, 4, 4];
      const forms = [bytes, Float32Array.from(bytes, (v) => v / 255), Float32Array.from(bytes)];
      const [fromBytes, ...fromFloats] = forms.map((examples) => {
        const out = new Float32Array(48);
        fillBatch({ examples, shape }, [0], onScaleOf({ examples }, scaling), out);
        return out;
      });
      const { mean, std } = scaling.normalization;
      for (const [i, value] of fromBytes!.entries()) {
        const channel = grey ? 0 : Math.floor(i / 16);
        const exact = (bytes[i]! / 255 - mean[channel]!) / std[channel]!;
        expect(Math.abs(value - exact)).toBeLessThan(1e-5 * Math.max(1, Math.abs(exact)));
        for (const other of fromFloats)
          expect(Math.abs(other[i]! - exact)).toBeLessThan(1e-5 * Math.max(1, Math.abs(exact)));
      }
    },
  );

  it('leave everything as it is with asis', () => {
    const examples = Float32Array.of(0, 100, 255);
    expect(onScaleOf({ examples }, scalings[0])).toEqual({ mean: [0], std: [1] });
  });
});

it.each([
  ['bytes', Uint8Array.of(0, 1), 1],
  ['floats on 0..1', Float32Array.of(0, 0.5, 1), 1],
  ['floats on 0..1, interpolated', Float32Array.of(-0.05, 1.1), 1],
  ['floats on 0..255', Float32Array.of(0, 7, 255), 255],
  ['standardized MNIST', Float32Array.of(-0.4242, 2.8215), undefined],
  ['temperatures', Float32Array.of(-30, 40), undefined],
  ['small counts', Float32Array.of(0, 3, 5), undefined],
  ['large values', Float32Array.of(0, 3000), undefined],
])('knows pixels: %s', (_, examples, scale) => {
  expect(pixelScale({ examples })).toBe(scale);
});

describe('usualScalings', () => {
  const names = (given: Parameters<typeof usualScalings>[0]) => usualScalings(given).map(({ name }) => name);

  it('are those of the colours, none twice, the data set of the reader first', () => {
    expect(names(data(bytes))).toEqual([
      ...['asis', '-1..1', 'bytes', 'imagenet', 'cifar10', 'cifar10-narrow', 'cifar100'],
    ]);
    expect(names({ ...data(bytes), spec: 'cifar10:x:test' }).slice(0, 3)).toEqual([
      ...['asis', 'cifar10', 'cifar10-narrow'],
    ]);
    expect(names(data(bytes, [1, 6, 8]))).toEqual(['asis', '-1..1', 'bytes', 'mnist', 'fashion-mnist']);
    expect(names(data(Float32Array.from(bytes), [48])).slice(0, 2)).toEqual(['asis', '0..1']);
  });

  it('are none but the given for what is no picture', () => {
    expect(names(data(Float32Array.of(-3, 5)))).toEqual(['asis']);
  });
});
