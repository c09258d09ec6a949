import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { devicesText, parseDevice } from '../../src/devices/index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const weights = [0.5, -2, 0];

test.each([
  ['gaussian:0.1', [0.5 + 0.2, -2 - 0.2, 0.4]],
  ['gaussian:0.1:maximum', [0.5 + 0.2, -2 - 0.2, 0.4]],
  ['gaussian:0.1:relative', [0.5 + 0.05, -2 - 0.2, 0]],
  ['gaussian:0.1:absolute', [0.5 + 0.1, -2 - 0.1, 0.2]],
  ['gaussian:mode=absolute:sigma=0.1', [0.5 + 0.1, -2 - 0.1, 0.2]],
])('%s moves a weight by sigma times its reference times the noise', (spec, expected) => {
  tf.tidy(() => {
    const noise = tf.tensor1d([1, -1, 2]);
    const full = parseDevice(spec).program(tf.tensor1d(weights), noise, tf.scalar(1)).arraySync() as number[];
    full.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 6);
    });
    const half = parseDevice(spec)
      .program(tf.tensor1d(weights), noise, tf.scalar(0.5))
      .arraySync() as number[];
    half.forEach((value, i) => {
      expect(value).toBeCloseTo((weights[i]! + expected[i]!) / 2, 6);
    });
  });
});

test('equal devices have equal specs', () => {
  const specs = ['gaussian:0.1', 'gaussian:.1', ' gaussian:1e-1:maximum ', 'gaussian:mode=maximum:sigma=0.1'];
  expect(specs.map((spec) => parseDevice(spec).spec)).toEqual(Array(4).fill('gaussian:0.1'));
});

test('an unknown device is refused with the list of those that exist', () => {
  expect(() => parseDevice('gausian:0.1')).toThrow(/unknown device "gausian:0.1"[^]*gaussian:0.1:relative/);
});

test('the documentation names every parameter and the source', () => {
  for (const word of ['## gaussian', 'sigma (at least 0)', 'default maximum', 'Joshi', 'Not modelled: '])
    expect(devicesText()).toContain(word);
});
