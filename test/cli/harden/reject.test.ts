import { expect, it } from 'vitest';
import { worse } from '../../../src/cli/harden/reject.js';
import type { VerifyRun } from '../../../src/verify/report/report.js';

const draws = (name: 'accuracy' | 'mse', values: (number | undefined)[]) =>
  ({
    device: 'gaussian:0.1',
    draws: values.map((value, chip) => ({ chip, ...(value !== undefined && { [name]: value }) })),
  }) as unknown as VerifyRun;

const accuracies = (...values: (number | undefined)[]) => draws('accuracy', values);
const before = accuracies(0.5, 0.6, 0.7, 0.8);

it.each([
  ['each chip a little worse', accuracies(0.48, 0.58, 0.68, 0.78), true],
  ['the same', before, false],
  ['better', accuracies(0.6, 0.7, 0.8, 0.9), false],
  ['worse on average, by luck of one chip', accuracies(0.55, 0.65, 0.75, 0.4), false],
  ['a chip that puts out no numbers', accuracies(0.9, 0.9, undefined, 0.9), true],
])('rejects what is worse on the same chips, beyond luck: %s', (_, after, rejected) => {
  expect(worse(before, after, 1000) !== undefined).toBe(rejected);
});

it('knows that errors are better the lower', () => {
  const [low, high] = [draws('mse', [0.1, 0.2]), draws('mse', [0.3, 0.4])];
  expect(worse(low, high, 1000)).toBeDefined();
  expect(worse(high, low, 1000)).toBeUndefined();
});

it('needs more than a few examples of one chip', () => {
  expect(worse(accuracies(0.5), accuracies(0.4), 1000)).toBeDefined();
  expect(worse(accuracies(0.5), accuracies(0.497), 1000)).toBeUndefined();
  expect(worse(accuracies(0.5), accuracies(0.5), 1000)).toBeUndefined();
});
