import { expect, test } from 'vitest';
import { limitNotes } from '../../../src/cli/open/limitNotes.js';

test('a limit is told where it left examples out; an interval only where there is one', () => {
  expect(limitNotes(100, 100, 59)).toEqual([expect.stringContaining('the interval of the mean takes them')]);
  expect(limitNotes(100, 100, 1)).toEqual([
    'With --limit, 100 examples were judged: the figures are those on these 100.',
  ]);
  expect(limitNotes(1000, 240, 59)).toEqual([]);
  expect(limitNotes(undefined, 240, 59)).toEqual([]);
});
