import { expect, test } from 'vitest';
import { fixedNumbers } from '../../src/mapping/fixed.js';
import { DataType } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';

const of = (numbers: readonly number[], dims = [numbers.length]) =>
  fixedNumbers(makeTensor('t', DataType.FLOAT, dims, [...numbers]));

test.each([
  [[0.299, 0.587, 0.114]],
  [[0.2989, 0.587, 0.114]],
  [[0.114, 0.587, 0.299]],
  [[0.2126, 0.7152, 0.0722]],
  [[0.299 / 255, 0.587 / 255, 0.114 / 255]],
])('%j are the shares of colours', (numbers) => {
  expect(of(numbers)).toContain('grey');
  expect(of(numbers, [1, 3, 1, 1])).toContain('grey');
});

test.each([
  [[0.3, 0.6, 0.2]],
  [[0.299, 0.114, 0.587]],
  [[0.485, 0.456, 0.406]],
  [[0, 0, 0]],
  [[0.299, 0.587]],
])('%j are not', (numbers) => {
  expect(of(numbers)).toBeUndefined();
});

/** As numpy and scipy.signal.windows write them, of 16 numbers, symmetric. */
const hann = [
  0, 0.04322727, 0.1654347, 0.3454915, 0.55226423, 0.75, 0.9045085, 0.9890738, 0.9890738, 0.9045085, 0.75,
  0.55226423, 0.3454915, 0.1654347, 0.04322727, 0,
];
const hamming = hann.map((value) => 0.08 + 0.92 * value);

test('windows are known, symmetric or periodic, padded, scaled, and as roots', () => {
  const periodic = Array.from({ length: 16 }, (_, i) => Math.sin((Math.PI * i) / 16) ** 2);
  const padded = [...Array(8).fill(0), ...periodic, ...Array(8).fill(0)];
  for (const window of [hann, hamming, periodic, padded, hann.map((v) => 3 * v), periodic.map(Math.sqrt)])
    expect(of(window)).toBe('window of a spectrum');
  expect(of(periodic, [1, 16, 1])).toBe('window of a spectrum');
});

test('trained vectors are no windows', () => {
  const normals = randomStream('test/fixed').normals(16);
  expect(of([...normals])).toBeUndefined();
  expect(of(hann.map((value, i) => value + 0.02 * normals[i]!))).toBeUndefined();
  expect(of(Array(16).fill(0))).toBeUndefined();
  expect(of(hann, [4, 4])).toBeUndefined();
});
