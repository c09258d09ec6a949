/** What a handful of examples can say of a model and its scaling. */
import { expect, test } from 'vitest';
import { onlyGuesses } from '../../../src/verify/model/scalingEvidence.js';

const probe = (accuracy: number, examples: number, chance: number) =>
  ({ trials: [{ accuracy, examples }], chance }) as unknown as Parameters<typeof onlyGuesses>[0];

test('a model is not said to guess where even a perfect one would be', () => {
  expect(onlyGuesses(probe(1, 6, 0.5))).toBe(false);
  expect(onlyGuesses(probe(0.5, 6, 0.5))).toBe(false);
});

test('a model that guesses on many examples is said to', () => {
  expect(onlyGuesses(probe(0.12, 256, 0.1))).toBe(true);
  expect(onlyGuesses(probe(0.9, 256, 0.1))).toBe(false);
});
