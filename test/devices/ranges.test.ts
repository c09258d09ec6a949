import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { parseDevice } from '../../src/devices/index.js';
import { rangeOf } from '../../src/devices/ranges.js';
import { type Channels, channelRange } from '../../src/mapping/channels.js';
import { randomStream } from '../../src/random/stream.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const forms: [number[], Channels][] = [
  [[4, 3, 2, 2], { axis: 0 }],
  [[4, 3, 2, 2], { axis: 1 }],
  [[3, 5], { axis: 1 }],
  [[7], { axis: 0 }],
  [[3, 5], { axis: -1 }],
  [[6, 2, 3], { axis: 1, runs: { axis: 0, count: 3 } }],
  [[2, 6, 3], { axis: 0, runs: { axis: 1, count: 2 } }],
  [[2, 2], { axis: 0, range: { dims: [2, 1], values: Float32Array.of(3, 4) } }],
];

test.each(forms)('trainer and judge find the same ranges in %j %j', (dims, channels) => {
  const size = dims.reduce((product, extent) => product * extent, 1);
  const weights = randomStream('ranges').normals(size);
  const plain = channelRange(weights, dims, channels);
  const tensor = tf.tidy(() =>
    rangeOf(parseDevice('gaussian:0.1:channel'), tf.tensor(weights, dims), channels),
  )!;
  expect(tensor.shape).toEqual([...plain.dims]);
  expect(tensor.dataSync()).toEqual(plain.values);
  tensor.dispose();
});

test('other devices need none', () => {
  expect(rangeOf(parseDevice('gaussian:0.1'), tf.scalar(1), { axis: -1 })).toBeUndefined();
});
