/** What every device in the list must hold, run on the tfjs cpu backend. A new device is tested by being listed. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Device, devices, parseDevice } from '../../src/devices/index.js';
import { rangeOf } from '../../src/devices/ranges.js';
import { TemperError } from '../../src/errors.js';
import { channelRange, rangeOfEach } from '../../src/mapping/channels.js';
import { randomStream } from '../../src/random/stream.js';

/** Distinct weights, the largest among them, each stored REPEATS times; so one run samples each of them REPEATS times. */
const LEVELS = [0, 0.01, -0.05, 0.2, -0.4, 0.75, -1.5];
const REPEATS = 4000;
const weights = Float32Array.from({ length: LEVELS.length * REPEATS }, (_, i) => LEVELS[i % LEVELS.length]!);

/** Each level is an output channel. */
const dims = [REPEATS, LEVELS.length];
const channels = { axis: 1 };

/** Standard errors allowed. Over all seeds one comparison in 1.7 million would fail falsely. */
const Z = 5;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

function program(device: Device, values: Float32Array, noise: Float32Array, strength: number): Float32Array {
  return tf.tidy(() => {
    const tensor = tf.tensor(values, dims);
    const range = rangeOf(device, tensor, channels);
    return device.program(tensor, tf.tensor1d(noise), tf.scalar(strength), range).dataSync() as Float32Array;
  });
}

function noiseFor(device: Device, count: number, ...key: (string | number)[]): Float32Array {
  return randomStream(device.spec, ...key).normals(count * device.noiseCount);
}

const specs = devices.flatMap((kind) => kind.examples);

describe.each(specs)('device %s', (spec) => {
  const device = parseDevice(spec);

  test('is written canonically in its example', () => {
    expect(device.spec).toBe(spec);
    expect(parseDevice(device.spec).parameters).toEqual(device.parameters);
  });

  test('gives the same bytes for the same noise, and others for other noise', () => {
    const noise = noiseFor(device, weights.length, 'bytes');
    const first = program(device, weights, noise, 1);
    expect(program(device, weights, noise, 1)).toEqual(first);
    expect(program(device, weights, noiseFor(device, weights.length, 'other'), 1)).not.toEqual(first);
  });

  test('at strength 0 leaves the weights as they are, bit for bit', () => {
    expect(program(device, weights, noiseFor(device, weights.length, 'zero'), 0)).toEqual(weights);
  });

  test('keeps the shape of the weights, whatever the shape of the noise', () => {
    const dims = [2, 3, 1, 2];
    const noise = noiseFor(device, 12, 'shape');
    tf.tidy(() => {
      const range = rangeOf(device, tf.ones(dims), { axis: 0 });
      const flat = device.program(tf.ones(dims), tf.tensor1d(noise), tf.scalar(1), range);
      const shaped = device.program(
        tf.ones(dims),
        tf.tensor(noise, [device.noiseCount, ...dims]),
        tf.scalar(1),
        range,
      );
      expect(flat.shape).toEqual(dims);
      expect(shaped.dataSync()).toEqual(flat.dataSync());
    });
  });

  test('its samples have the declared mean and standard deviation', () => {
    const range = rangeOfEach(channelRange(weights, dims, channels), dims);
    const declared = device.moments(weights, device.goesByChannel ? range : undefined);
    const programmed = program(device, weights, noiseFor(device, weights.length, 'moments'), 1);
    LEVELS.forEach((_, level) => {
      const sample = programmed.filter((_, i) => i % LEVELS.length === level);
      const { mean, variance, varianceError } = estimate(sample);
      const std = declared.std[level]!;
      expect(Math.abs(mean - declared.mean[level]!)).toBeLessThanOrEqual((Z * std) / Math.sqrt(REPEATS));
      expect(Math.abs(variance - std ** 2)).toBeLessThanOrEqual(Z * varianceError);
    });
  });

  test('that goes by channels refuses to guess them', () => {
    const bare = () =>
      tf.tidy(() => device.program(tf.ones([2, 3]), tf.zeros([2, 3]), tf.scalar(1)).dataSync());
    if (device.goesByChannel) expect(bare).toThrow(/ranges of the channels/);
    else expect(bare()).toHaveLength(6);
  });

  test('says where it comes from and what it leaves out', () => {
    expect(device.citation).toMatch(/(19|20)\d\d/);
    expect(device.notModelled.length).toBeGreaterThan(0);
  });
});

describe.each(devices.map((kind) => [kind.name, kind] as const))('parameters of %s', (name, kind) => {
  const names = Object.keys(kind.parameters);

  test('bad values are refused, all at once, with an example', () => {
    const spec = [name, ...names.map(() => 'nonsense'), 'surplus'].join(':');
    const problems = problemsOf(spec);
    expect(problems).toHaveLength(names.length + 1);
    for (const parameter of names) expect(problems.some(({ what }) => what.includes(parameter))).toBe(true);
    for (const { where, hint } of problems) {
      expect(where).toContain(spec);
      expect(hint).toBeTruthy();
    }
  });

  test('numbers beyond the valid range are refused', () => {
    for (const [parameter, declaration] of Object.entries(kind.parameters)) {
      if (declaration.kind !== 'number') continue;
      for (const value of [declaration.min - 1, declaration.max + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
        const problems = problemsOf(`${name}:${parameter}=${value}`);
        expect(problems.some(({ what }) => what.includes(`"${value}" is no value`))).toBe(true);
      }
    }
  });

  test('what is required cannot be left out', () => {
    const required = names.filter((parameter) => kind.parameters[parameter]!.default === undefined);
    expect(required.length === 0 ? [] : problemsOf(name).map(({ what }) => what.split(' ')[1])).toEqual(
      required,
    );
  });
});

function problemsOf(spec: string) {
  try {
    parseDevice(spec);
  } catch (error) {
    expect(error).toBeInstanceOf(TemperError);
    expect((error as TemperError).kind).toBe('usage');
    return (error as TemperError).problems;
  }
  throw new Error(`${spec} was accepted`);
}

/** Sample mean and variance, and the standard error of the variance from the fourth moment. */
function estimate(sample: Float32Array) {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const squares = Array.from(sample, (value) => (value - mean) ** 2);
  const variance = squares.reduce((sum, square) => sum + square, 0) / (sample.length - 1);
  const spread = squares.reduce((sum, square) => sum + (square - variance) ** 2, 0) / sample.length;
  return { mean, variance, varianceError: Math.sqrt(spread / sample.length) };
}
