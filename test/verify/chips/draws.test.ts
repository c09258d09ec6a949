import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDevice } from '../../../src/devices/index.js';
import { crossbarTensors } from '../../../src/mapping/crossbar.js';
import { compileDevice } from '../../../src/verify/chips/deviceProgram.js';
import { type ChipSampler, cleanWeights, openSampler } from '../../../src/verify/chips/draws.js';
import { modelOf } from '../models.js';

const weights = cleanWeights(crossbarTensors(modelOf()));
const open = (spec: string, tensors = weights, seed = 7) =>
  openSampler(compileDevice(parseDevice(spec), tensors), tensors, seed);

let printer: ChipSampler;
beforeAll(() => {
  printer = open('gaussian:0.1');
});
afterAll(() => printer.release());

test('a chip is the same whenever it is drawn, in whatever order, by whatever printer', async () => {
  const first = await printer.chip(37);
  await printer.chip(2);
  expect(await printer.chip(37)).toEqual(first);
  const backwards = open('gaussian:0.1', [...weights].reverse());
  expect((await backwards.chip(37)).reverse()).toEqual(first);
  const alone = open('gaussian:0.1', weights.slice(1));
  expect(await alone.chip(37)).toEqual(first.slice(1));
  await backwards.release();
  await alone.release();
});

test('chips, seeds and tensors have noise of their own', async () => {
  const other = open('gaussian:0.1', weights, 8);
  const [chip] = await printer.chip(0);
  expect((await printer.chip(1))[0]!.values).not.toEqual(chip!.values);
  expect((await other.chip(0))[0]!.values).not.toEqual(chip!.values);
  await other.release();

  const twins = [weights[0]!, { ...weights[0]!, name: 'twin', array: 'twin' }];
  const both = open('gaussian:0.1', twins);
  const [one, two] = await both.chip(0);
  expect(one!.values).not.toEqual(two!.values);
  await both.release();
});

test('the same noise meets every level of a device: twice the sigma, twice the deviation', async () => {
  const double = open('gaussian:0.2');
  const low = await printer.chip(5);
  const high = await double.chip(5);
  weights.forEach(({ values }, tensor) => {
    values.forEach((value, i) => {
      const deviation = low[tensor]!.values[i]! - value;
      expect(high[tensor]!.values[i]! - value).toBeCloseTo(2 * deviation, 5);
    });
  });
  await double.release();
});

test('a device without noise gives the weights back bit for bit', async () => {
  const none = open('gaussian:0');
  expect(await none.chip(0)).toEqual(weights.map(({ array: _, channels: __, ...weight }) => weight));
  await none.release();
});

/** 96 + 48 weights x 200 chips; 5 standard errors: over all seeds one run in 1.7 million would fail. */
test('over chips the weights have the declared moments', async () => {
  const chips = 200;
  const device = parseDevice('gaussian:0.1');
  let sum = 0;
  let squares = 0;
  for (let chip = 0; chip < chips; chip++) {
    (await printer.chip(chip)).forEach(({ values }, tensor) => {
      const { std, mean } = device.moments(weights[tensor]!.values);
      values.forEach((value, i) => {
        const deviation = (value - mean[i]!) / std[i]!;
        sum += deviation;
        squares += deviation ** 2;
      });
    });
  }
  const count = chips * weights.reduce((total, { values }) => total + values.length, 0);
  expect(Math.abs(sum / count)).toBeLessThan(5 / Math.sqrt(count));
  expect(Math.abs(squares / count - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
});
